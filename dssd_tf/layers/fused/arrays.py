"""Arrays on their way into and out of the fused loops."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def rows(array: Array) -> Array:
    """(batch, time, frequency, channels) → (batch, time, frequency * channels), no copy."""
    return array.reshape(*array.shape[:2], -1)


def combine(means: Array, squares: Array, places: int) -> tuple[Array, Array]:
    """Mean and biased variance, (C,), of clips of `places` values each.

    From each clip's mean and sum of squared deviations, (clips, C).

    Source: Chan, Golub & LeVeque, Updating Formulae and a Pairwise Algorithm for Computing
    Sample Variances (1979).
    """
    mean = means.mean(axis=0)
    between = places * np.square(means - mean).sum(axis=0)
    return mean, (squares.sum(axis=0) + between) / (places * len(means))


def through_moments(mean: Array, d_mean: Array, d_variance: Array, count: int) -> Array:
    """(3, C): p, q, m of the gradient ``p + q (x - m)`` through mean and variance of `count`."""
    return np.stack([d_mean / count, 2.0 * d_variance / count, mean])


def with_centre(affine: Array, gradient: Array) -> Array:
    """Gradients of factor and offset, (2, C), and the one of the centre that follows: (3, C)."""
    return np.concatenate([gradient, -affine[:1] * gradient[1:]])
