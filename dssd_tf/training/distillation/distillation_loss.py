"""The distillation loss."""

from collections.abc import Sequence
from typing import Any, Literal

import keras
from keras import ops

from dssd_tf.training.distillation.ensemble import Average, softened

Divergence = Literal["kl_divergence", "categorical_crossentropy"]
"""How two distributions are compared; the gradients are the same."""


@keras.saving.register_keras_serializable(package="dssd_tf")
class DistillationLoss(keras.losses.Loss):
    """How far the student's softened distribution lies from the teachers', from logits.

    Kullback-Leibler divergence KL(teacher ‖ student) or cross-entropy of the softmax at a
    temperature T, times T², so that the size of the gradients does not depend on T. With one
    teacher and KL it equals `keras.distillation.LogitsDistillation` with a
    `keras.losses.KLDivergence` (its default, the name ``"kl_divergence"``, skips the softmax in
    Keras 3.15). As a Keras loss it takes a sample weight and is divided by the replicas like any
    other.

    Source: Hinton, Vinyals & Dean, Distilling the Knowledge in a Neural Network (2015).

    Args:
        temperature: T, above 0.
        divergence: ``"kl_divergence"`` or ``"categorical_crossentropy"``.
        teacher_weights: One a teacher, above 0; None: all the same.
        average: Several teachers are averaged as logits or as softened probabilities.
        reduction: As of any Keras loss.
        name: Name of the loss.

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(
        self,
        temperature: float = 1.0,
        *,
        divergence: Divergence = "kl_divergence",
        teacher_weights: Sequence[float] | None = None,
        average: Average = "logits",
        reduction: str = "sum_over_batch_size",
        name: str = "distillation_loss",
        dtype: Any = None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        if not 0 < temperature < float("inf"):
            raise ValueError(f"the temperature must be finite and above 0, got {temperature}")
        if divergence not in ("kl_divergence", "categorical_crossentropy"):
            raise ValueError(
                f"unknown distillation loss {divergence!r}; "
                "choose kl_divergence or categorical_crossentropy"
            )
        if average not in ("logits", "probabilities"):
            raise ValueError(f"unknown average {average!r}; choose logits or probabilities")
        if teacher_weights is not None and not all(0 < w < float("inf") for w in teacher_weights):
            raise ValueError(f"teacher weights must be finite and above 0, got {teacher_weights}")
        self.temperature, self.divergence, self.average = float(temperature), divergence, average
        self.teacher_weights = None if teacher_weights is None else list(teacher_weights)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each clip, (batch,), in nat.

        Args:
            y_true: Logits of the teachers, (batch, classes) or (batch, teachers, classes).
            y_pred: Logits of the student, (batch, classes).

        Raises:
            ModelError: There are more or fewer teacher weights than teachers.
        """
        teacher = softened(
            y_true, self.temperature, weights=self.teacher_weights, average=self.average
        )
        student = ops.log_softmax(y_pred / self.temperature, axis=-1)
        excess = teacher - student if self.divergence == "kl_divergence" else -student
        return self.temperature**2 * ops.sum(ops.exp(teacher) * excess, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this loss again."""
        return {
            **super().get_config(),
            "temperature": self.temperature,
            "divergence": self.divergence,
            "teacher_weights": self.teacher_weights,
            "average": self.average,
        }
