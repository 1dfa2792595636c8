"""Loops of the fused cross-shaped convolution, compiled by Numba; see `cross`.

Arrays are (clips, time, frequency * channels): a shift by d bands is one by d C elements, and
every inner loop runs along memory. A call works on the clips from `begin` to `end` and writes
sums for each clip on its own, so that the numbers do not depend on how clips are shared out.
Within a clip, frames are summed in the type of the data, and bands in float64.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.layers.fused.compiled import compiled, fold, tile
from dssd_tf.layers.fused.groups import gather, spread

Array = NDArray[Any]

_STRIP = 512
"""Elements of a row that are handled at once: with their factors they stay in the first cache."""


@compiled
def cross_forward(
    begin: int,
    end: int,
    x: Array,
    affine: Array,
    scale: Array,
    activated: bool,
    taps: Array,
    reach: int,
    z: Array,
    means: Array,
    squares: Array,
) -> None:
    """Write `z` and each clip's mean and sum of squared deviations, a channel.

    Args:
        x: (clips, time, F * C * members).
        affine: Factor, offset and centre before the ReLU, (3, C * members).
        scale: (C * members,).
        activated: Whether affine and ReLU apply.
        taps: Centre, earlier, later, lower, higher: (5, C).
        reach: Distance between taps.
        z: (clips, time, F * C).
        means: (clips, C) float64.
        squares: (clips, C) float64.
    """
    times, width = z.shape[1], z.shape[2]
    channels = taps.shape[1]
    members = x.shape[2] // width
    side = reach * channels
    strip = channels * max(1, _STRIP // channels)
    weights = tile(taps, strip)
    affines, scales = tile(affine, strip * members), tile(scale.reshape(1, -1), strip * members)[0]
    padded = np.zeros((times + 2 * reach, width + 2 * side), z.dtype)
    product = np.empty(strip * members, z.dtype)
    sums, centre = np.empty(strip, z.dtype), np.empty(strip, z.dtype)
    for clip in range(begin, end):
        for t in range(times):
            for first in range(0, width, strip):
                last = min(first + strip, width)
                count = (last - first) * members
                gather(
                    x[clip, t, first * members : last * members],
                    affines[:, :count],
                    scales[:count],
                    activated,
                    product[:count],
                    padded[t + reach, first + side : last + side],
                )
        means[clip] = 0
        squares[clip] = 0
        for first in range(0, width, strip):
            last = min(first + strip, width)
            sums[:] = 0
            for t in range(times):
                out = z[clip, t, first:last]
                middle = padded[t + reach]
                centre_row = middle[first + side : last + side]
                earlier = padded[t, first + side : last + side]
                later = padded[t + 2 * reach, first + side : last + side]
                lower = middle[first : first + out.size]
                higher = middle[first + 2 * side : last + 2 * side]
                for j in range(out.size):
                    value = (
                        weights[0, j] * centre_row[j]
                        + weights[1, j] * earlier[j]
                        + weights[2, j] * later[j]
                        + weights[3, j] * lower[j]
                        + weights[4, j] * higher[j]
                    )
                    out[j] = value
                    sums[j] += value
            fold(sums[: last - first], means[clip])
        for c in range(channels):
            means[clip, c] /= times * width // channels
        for j in range(strip):
            centre[j] = means[clip, j % channels]
        for first in range(0, width, strip):
            last = min(first + strip, width)
            sums[:] = 0
            for t in range(times):
                out = z[clip, t, first:last]
                for j in range(out.size):
                    away = out[j] - centre[j]
                    sums[j] += away * away
            fold(sums[: last - first], squares[clip])


@compiled
def cross_backward(
    begin: int,
    end: int,
    x: Array,
    affine: Array,
    scale: Array,
    activated: bool,
    taps: Array,
    reach: int,
    z: Array,
    above: Array,
    through: Array,
    dx: Array,
    d_affine: Array,
    d_scale: Array,
    d_taps: Array,
) -> None:
    """Write the gradients of `cross_forward`'s inputs, those of parameters for each clip.

    Args:
        above: Gradient of `z`, of its shape.
        through: What comes back through mean and variance, ``p + q (z - m)``: (3, C), p, q, m.
        dx: As x.
        d_affine: Of factor and offset, (clips, 2, C * members) float64.
        d_scale: (clips, C * members) float64.
        d_taps: (clips, 5, C) float64.
    """
    times, width = z.shape[1], z.shape[2]
    channels = taps.shape[1]
    members = x.shape[2] // width
    side = reach * channels
    strip = channels * max(1, _STRIP // channels)
    weights, back = tile(taps, strip), tile(through, strip)
    affines, scales = tile(affine, strip * members), tile(scale.reshape(1, -1), strip * members)[0]
    zero = z.dtype.type(0)
    padded = np.zeros((times + 2 * reach, width + 2 * side), z.dtype)
    product = np.empty(strip * members, z.dtype)
    gathered, parts = np.empty(strip, z.dtype), np.empty(strip * members, z.dtype)
    descent = np.empty(strip, z.dtype)
    tap_sums = np.empty((5, strip), z.dtype)
    sums = np.empty((3, strip * members), z.dtype)
    for clip in range(begin, end):
        d_affine[clip] = 0
        d_scale[clip] = 0
        d_taps[clip] = 0
        for t in range(times):
            for first in range(0, width, strip):
                last = min(first + strip, width)
                given, value = above[clip, t, first:last], z[clip, t, first:last]
                out = padded[t + reach, first + side : last + side]
                for j in range(out.size):
                    out[j] = given[j] + back[0, j] + back[1, j] * (value[j] - back[2, j])
        for first in range(0, width, strip):
            last = min(first + strip, width)
            size, count = last - first, (last - first) * members
            tap_sums[:] = 0
            sums[:] = 0
            for t in range(times):
                row = x[clip, t, first * members : last * members]
                gather(
                    row,
                    affines[:, :count],
                    scales[:count],
                    activated,
                    product[:count],
                    gathered[:size],
                )
                # Each tap sends back what it read from the opposite side.
                middle = padded[t + reach]
                g0 = middle[first + side : last + side]
                g1 = padded[t + 2 * reach, first + side : last + side]
                g2 = padded[t, first + side : last + side]
                g3 = middle[first + 2 * side : last + 2 * side]
                g4 = middle[first : first + size]
                for j in range(size):
                    descent[j] = (
                        weights[0, j] * g0[j]
                        + weights[1, j] * g1[j]
                        + weights[2, j] * g2[j]
                        + weights[3, j] * g3[j]
                        + weights[4, j] * g4[j]
                    )
                for j in range(size):
                    value = gathered[j]
                    tap_sums[0, j] += value * g0[j]
                    tap_sums[1, j] += value * g1[j]
                    tap_sums[2, j] += value * g2[j]
                    tap_sums[3, j] += value * g3[j]
                    tap_sums[4, j] += value * g4[j]
                spread(descent[:size], parts[:count])
                out = dx[clip, t, first * members : last * members]
                if activated:
                    for j in range(count):
                        away = row[j] - affines[2, j]
                        linear = affines[0, j] * away + affines[1, j]
                        passed = parts[j] if linear > zero else zero
                        slope = passed * scales[j]
                        sums[0, j] += slope * away
                        sums[1, j] += slope
                        sums[2, j] += passed * linear
                        out[j] = slope * affines[0, j]
                else:
                    for j in range(count):
                        sums[2, j] += parts[j] * row[j]
                        out[j] = parts[j] * scales[j]
            for k in range(5):
                fold(tap_sums[k, :size], d_taps[clip, k])
            fold(sums[0, :count], d_affine[clip, 0])
            fold(sums[1, :count], d_affine[clip, 1])
            fold(sums[2, :count], d_scale[clip])
