"""The mean of several teachers."""

from collections.abc import Sequence
from typing import Any, Literal

from keras import ops

from dssd_tf.errors import ModelError

Average = Literal["logits", "probabilities"]
"""What is averaged: logits (a geometric mean of the probabilities) or softened probabilities."""


def softened(
    logits: Any,
    temperature: float = 1.0,
    *,
    weights: Sequence[float] | None = None,
    average: Average = "logits",
) -> Any:
    """The teachers' mean distribution at a temperature, as log-probabilities (batch, classes).

    Args:
        logits: (batch, classes) of one teacher or (batch, teachers, classes).
        temperature: Divides the logits; above 1 the distribution is flatter.
        weights: One a teacher, of any positive sum; None: all the same.
        average: What is averaged.

    Raises:
        ModelError: There are more or fewer weights than teachers.
    """
    if len(logits.shape) == 2:
        logits = ops.expand_dims(logits, 1)
    shares = ops.convert_to_tensor(_shares(weights, logits.shape[1]), dtype=logits.dtype)
    shares = ops.reshape(shares, (1, -1, 1))
    if average == "logits":
        return ops.log_softmax(ops.sum(shares * logits, axis=1) / temperature, axis=-1)
    return ops.logsumexp(ops.log_softmax(logits / temperature, axis=-1) + ops.log(shares), axis=1)


def _shares(weights: Sequence[float] | None, teachers: int) -> list[float]:
    if weights is None:
        return [1 / teachers] * teachers
    if len(weights) != teachers:
        raise ModelError(
            f"{len(weights)} teacher weights for {teachers} teachers",
            fix="give one a teacher, live ones first, then those of the stored logits",
        )
    return [weight / sum(weights) for weight in weights]
