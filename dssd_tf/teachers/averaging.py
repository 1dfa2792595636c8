"""Several teachers' logits as one."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import DataError

Average = Literal["logits", "probabilities"]
"""What is averaged: logits (a geometric mean of the distributions), or the probabilities, of
which the logarithm is taken (an arithmetic mean)."""


def average_logits(
    stacked: NDArray[np.floating],
    weights: Sequence[float] | None = None,
    average: Average = "logits",
) -> NDArray[np.float32]:
    """Weighted mean over the teachers, (clips, classes).

    Args:
        stacked: Logits, (clips, teachers, classes).
        weights: One a teacher, not negative, in any scale: they are divided by their sum; None
            for equal ones.
        average: ``logits``, or ``probabilities``: the natural logarithm of the mean softmax.

    Raises:
        DataError: The weights are not one a teacher, negative, not finite, or all zero.
        ValueError: `average` is neither.
    """
    share = normalised_weights(weights, stacked.shape[1])
    wide = stacked.astype(np.float64)
    if average == "logits":
        return np.einsum("ntc,t->nc", wide, share).astype(np.float32)
    if average != "probabilities":
        raise ValueError(f"average must be 'logits' or 'probabilities', found {average!r}")
    from scipy.special import log_softmax, logsumexp

    mean: Any = logsumexp(log_softmax(wide, axis=2), axis=1, b=share[None, :, None])
    return mean.astype(np.float32)


def normalised_weights(weights: Sequence[float] | None, teachers: int) -> NDArray[np.float64]:
    """Weights (teachers,) that sum to 1.

    Raises:
        DataError: They are not one a teacher, negative, not finite, or all zero.
    """
    values = np.ones(teachers) if weights is None else np.asarray(weights, dtype=np.float64)
    if values.shape != (teachers,):
        raise DataError(
            f"{values.size} weights are given for {teachers} teachers", fix="give one a teacher"
        )
    if not np.isfinite(values).all() or (values < 0).any() or not values.sum() > 0:
        raise DataError(
            f"the weights {values.tolist()} are no weights of teachers",
            fix="give finite numbers of 0 or more, one of them above 0",
        )
    return values / values.sum()
