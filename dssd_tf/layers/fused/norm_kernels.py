"""Loops of the fused normalization, ReLU and average pooling, compiled by Numba; see `norm`.

Arrays are (clips, time, frequency * channels). A call works on the clips from `begin` to `end`
and writes sums for each clip on its own, so that the numbers do not depend on how clips are
shared out. Within a clip, frames are summed in the type of the data, and bands in float64.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.layers.fused.compiled import compiled, fold, tile

Array = NDArray[Any]


@compiled
def moments(begin: int, end: int, x: Array, means: Array, squares: Array) -> None:
    """Write each clip's mean and sum of squared deviations, (clips, C) float64."""
    times, width, channels = x.shape[1], x.shape[2], means.shape[1]
    sums, centre = np.empty(width, x.dtype), np.empty(width, x.dtype)
    for clip in range(begin, end):
        sums[:] = 0
        for t in range(times):
            row = x[clip, t]
            for j in range(width):
                sums[j] += row[j]
        means[clip] = 0
        fold(sums, means[clip])
        for c in range(channels):
            means[clip, c] /= times * width // channels
        for j in range(width):
            centre[j] = means[clip, j % channels]
        sums[:] = 0
        for t in range(times):
            row = x[clip, t]
            for j in range(width):
                away = row[j] - centre[j]
                sums[j] += away * away
        squares[clip] = 0
        fold(sums, squares[clip])


@compiled
def affine_relu_pool(
    begin: int, end: int, x: Array, affine: Array, pool_time: int, pool_bands: int, y: Array
) -> None:
    """Write the average pools of ``max(factor * (x - centre) + offset, 0)`` to `y`.

    Frames and bands that fill no pool are left out.

    Args:
        affine: Factor, offset and centre, (3, C).
        pool_time: Frames a pool.
        pool_bands: Bands a pool.
    """
    width, channels = x.shape[2], affine.shape[1]
    affines = tile(affine, width)
    factor, offset, centre = affines[0], affines[1], affines[2]
    zero = x.dtype.type(0)
    share = x.dtype.type(1 / (pool_time * pool_bands))
    summed = np.empty(width, x.dtype)
    for clip in range(begin, end):
        for t in range(y.shape[1]):
            out = y[clip, t]
            if pool_time == 1 and pool_bands == 1:
                row = x[clip, t]
                for j in range(width):
                    linear = factor[j] * (row[j] - centre[j]) + offset[j]
                    # So asked, NaN stays NaN.
                    out[j] = zero if linear <= zero else linear
                continue
            summed[:] = 0
            for part in range(pool_time):
                row = x[clip, pool_time * t + part]
                for j in range(width):
                    linear = factor[j] * (row[j] - centre[j]) + offset[j]
                    summed[j] += zero if linear <= zero else linear
            if pool_bands == 1:
                for j in range(width):
                    out[j] = share * summed[j]
            else:
                for first in range(0, out.size, channels):
                    for c in range(channels):
                        total = zero
                        for part in range(pool_bands):
                            total += summed[first * pool_bands + part * channels + c]
                        out[first + c] = share * total


@compiled
def _spread(row: Array, channels: int, pool_bands: int, share: Any, out: Array) -> None:
    """Give each band its share of the gradient `row` of its pool; bands in no pool get 0."""
    if pool_bands == 1:
        for j in range(row.size):
            out[j] = share * row[j]
        return
    out[row.size * pool_bands :] = 0
    for first in range(0, row.size, channels):
        for part in range(pool_bands):
            place = first * pool_bands + part * channels
            for c in range(channels):
                out[place + c] = share * row[first + c]


@compiled
def affine_relu_pool_sums(
    begin: int,
    end: int,
    x: Array,
    affine: Array,
    pool_time: int,
    pool_bands: int,
    above: Array,
    sums: Array,
) -> None:
    """Write, for each clip, the sums of the gradient before the ReLU times x - centre, and alone.

    Args:
        above: Gradient of `y`, of its shape.
        sums: (clips, 2, C) float64.
    """
    width, channels = x.shape[2], affine.shape[1]
    affines = tile(affine, width)
    factor, offset, centre = affines[0], affines[1], affines[2]
    zero = x.dtype.type(0)
    share = x.dtype.type(1 / (pool_time * pool_bands))
    spread = np.empty(width, x.dtype)
    slopes, weighed = np.empty(width, x.dtype), np.empty(width, x.dtype)
    for clip in range(begin, end):
        slopes[:] = 0
        weighed[:] = 0
        for t in range(above.shape[1]):
            _spread(above[clip, t], channels, pool_bands, share, spread)
            for part in range(pool_time):
                row = x[clip, pool_time * t + part]
                for j in range(width):
                    away = row[j] - centre[j]
                    slope = spread[j] if factor[j] * away + offset[j] > zero else zero
                    slopes[j] += slope
                    weighed[j] += slope * away
        sums[clip] = 0
        fold(weighed, sums[clip, 0])
        fold(slopes, sums[clip, 1])


@compiled
def affine_relu_pool_backward(
    begin: int,
    end: int,
    x: Array,
    affine: Array,
    through: Array,
    pool_time: int,
    pool_bands: int,
    above: Array,
    dx: Array,
) -> None:
    """Write the gradient of `x`.

    Args:
        through: What comes back through mean and variance, ``p + q (x - centre)``: p, q, (2, C).
        above: Gradient of `y`, of its shape.
    """
    times, width, channels = x.shape[1], x.shape[2], affine.shape[1]
    affines, back = tile(affine, width), tile(through, width)
    factor, offset, centre = affines[0], affines[1], affines[2]
    constant, slant = back[0], back[1]
    zero = x.dtype.type(0)
    share = x.dtype.type(1 / (pool_time * pool_bands))
    spread = np.empty(width, x.dtype)
    for clip in range(begin, end):
        for t in range(times):
            if t % pool_time == 0:
                if t // pool_time < above.shape[1]:
                    _spread(above[clip, t // pool_time], channels, pool_bands, share, spread)
                else:
                    spread[:] = 0
            row, out = x[clip, t], dx[clip, t]
            for j in range(width):
                away = row[j] - centre[j]
                slope = spread[j] if factor[j] * away + offset[j] > zero else zero
                out[j] = factor[j] * slope + (constant[j] + slant[j] * away)
