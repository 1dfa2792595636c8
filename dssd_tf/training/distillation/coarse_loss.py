"""The loss of the coarse classes."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from dssd_tf.errors import ModelError


@keras.saving.register_keras_serializable(package="dssd_tf")
class CoarseLoss(keras.losses.Loss):
    """Cross-entropy of the coarse classes, from the labels and logits of the scenes.

    The coarse label is the sum of the scene label's mass over the scenes of a coarse class, so
    labels may be soft. The network's coarse logits stand behind those of the scenes, as in DSMN
    (13 outputs for 10 scenes; DCASE 2023 technical report 61). A network without them is held to
    the probability its scenes give to each coarse class: the sum over the class's scenes.

    Args:
        membership: (scenes, coarse classes) of 0 and 1, see `CoarseClasses.membership`.
        reduction: As of any Keras loss.
        name: Name of the loss.

    Raises:
        ValueError: A scene does not belong to exactly one coarse class.
    """

    def __init__(
        self,
        membership: Sequence[Sequence[float]],
        *,
        reduction: str = "sum_over_batch_size",
        name: str = "coarse_loss",
        dtype: Any = None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        rows = [[float(value) for value in row] for row in membership]
        if not rows or any(sorted(row) != [0.0] * (len(row) - 1) + [1.0] for row in rows):
            raise ValueError("each row of the membership must hold a single 1, the rest 0")
        self.membership = rows
        self.scenes, self.coarse_classes = len(rows), len(rows[0])

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each clip, (batch,).

        Args:
            y_true: (batch, scenes) one-hot or soft labels of the scenes, or (batch,) indices.
            y_pred: Logits, (batch, scenes + coarse classes) or (batch, scenes).

        Raises:
            ModelError: The network has another number of outputs.
        """
        table = ops.convert_to_tensor(self.membership, dtype=y_pred.dtype)
        if len(y_true.shape) == 1:
            y_true = ops.one_hot(ops.cast(y_true, "int32"), self.scenes, dtype=y_pred.dtype)
        return -ops.sum(ops.matmul(y_true, table) * self._log_probabilities(y_pred, table), axis=-1)

    def _log_probabilities(self, logits: Any, table: Any) -> Any:
        outputs = logits.shape[-1]
        if outputs == self.scenes + self.coarse_classes:
            return ops.log_softmax(logits[:, self.scenes :], axis=-1)
        if outputs != self.scenes:
            raise ModelError(
                f"the student has {outputs} outputs",
                fix=f"give it {self.scenes} (scenes) or {self.scenes + self.coarse_classes} "
                "(scenes and coarse classes)",
            )
        # A scene outside the coarse class must not count, and exp(-1e30) is exactly 0.
        outside = (1 - table) * -1e30
        scenes = ops.expand_dims(ops.log_softmax(logits, axis=-1), -1)
        return ops.logsumexp(scenes + outside, axis=1)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this loss again."""
        return {**super().get_config(), "membership": self.membership}
