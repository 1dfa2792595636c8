"""What a twin is fine-tuned on."""

from typing import Any

import keras

from dssd_tf.quantization.config import FineTuningConfig
from dssd_tf.training.distillation.distillation_loss import DistillationLoss


class FineTuningLoss:
    """(1 - w) labels + w [(1 - b) float model + b bank], the mean over clips.

    Args:
        config: Weight w, share b of the bank, temperature.
        label_smoothing: That of the training.
        bank: Loss against the bank's logits; None: there is no bank, and b counts as 0.
    """

    def __init__(
        self, config: FineTuningConfig, label_smoothing: float, bank: DistillationLoss | None
    ):
        self.weight, self.bank = config.weight, bank
        self.bank_share = 0.0 if bank is None else config.bank_share
        self._labels = keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=label_smoothing, reduction=None
        )
        self._float = DistillationLoss(config.temperature, reduction="none")

    def __call__(
        self, labels: Any, logits: Any, teacher: Any, stored: Any, weight: Any
    ) -> dict[str, Any]:
        """``loss`` and its parts before weighting, each a number.

        Args:
            labels: (batch, classes), one-hot or mixed.
            logits: Of the twin, (batch, classes).
            teacher: Logits of the float model, (batch, classes).
            stored: Those of the bank, (batch, teachers, classes), or None.
            weight: Of the clips, (batch,), or None.
        """
        ops = keras.ops
        student = self._labels(labels, logits)
        distillation = self._float(teacher, logits)
        if self.bank is not None and stored is not None:
            share = self.bank_share
            distillation = (1 - share) * distillation + share * self.bank(stored, logits)
        each = (1 - self.weight) * student + self.weight * distillation
        parts = {"loss": each, "student_loss": student, "distillation_loss": distillation}
        if weight is not None:
            parts = {name: part * weight for name, part in parts.items()}
        return {name: ops.mean(part) for name, part in parts.items()}
