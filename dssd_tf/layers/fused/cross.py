"""Grouped 1x1 scaling, cross-shaped convolution and moments as one operation of TensorFlow."""

from typing import Any

import numpy as np
import tensorflow as tf

from dssd_tf.layers.fused import cross_kernels as kernels
from dssd_tf.layers.fused.arrays import combine, rows, through_moments, with_centre
from dssd_tf.layers.fused.compiled import aligned, share_out


def cross(
    x: Any, affine: Any, scale: Any, taps: Any, *, reach: int, activated: bool
) -> tuple[Any, Any, Any]:
    """``z = cross(group_sum(scale * relu(factor (x - centre) + offset)))`` and the moments of z.

    Nothing between x and z is written to memory, neither forward nor backward, where it is
    computed again.

    Args:
        x: (batch, time, frequency, members * C), float32 or float64.
        affine: Factor, offset and centre of the input, (3, members * C).
        scale: Factors of the members of each group, (members * C,).
        taps: Centre, earlier, later, lower, higher: (5, C).
        reach: Distance between the taps.
        activated: Whether affine and ReLU apply; else x is taken as it is.

    Returns:
        z (batch, time, frequency, C), its mean (C,) and its biased variance (C,).
    """

    def forward(x: Any, affine: Any, scale: Any, taps: Any) -> tuple[Any, ...]:
        channels, clips = taps.shape[1], len(x)
        z = aligned((*x.shape[:3], channels), x.dtype)
        means, squares = np.empty((clips, channels)), np.empty((clips, channels))
        inputs = (rows(x), affine, scale, activated, taps, reach)
        share_out(kernels.cross_forward, clips, *inputs, rows(z), means, squares)
        mean, variance = combine(means, squares, x.shape[1] * x.shape[2])
        return z, mean.astype(x.dtype), variance.astype(x.dtype)

    def backward(*arrays: Any) -> tuple[Any, ...]:
        x, affine, scale, taps, z, mean, d_z, d_mean, d_variance = arrays
        clips, dtype = len(x), x.dtype
        through = through_moments(mean, d_mean, d_variance, z.size // z.shape[-1])
        dx = aligned(x.shape, dtype)
        sums = [np.empty((clips, *part.shape)) for part in (affine[:2], scale, taps)]
        inputs = (rows(x), affine, scale, activated, taps, reach)
        given = (rows(z), rows(d_z), through.astype(dtype))
        share_out(kernels.cross_backward, clips, *inputs, *given, rows(dx), *sums)
        d_affine, *others = (part.sum(axis=0) for part in sums)
        d_affine = with_centre(affine, d_affine)
        return dx, *(part.astype(dtype) for part in (d_affine, *others))

    @tf.custom_gradient
    def operation(x: Any, affine: Any, scale: Any, taps: Any) -> Any:
        inputs = (x, affine, scale, taps)
        z, mean, variance = tf.numpy_function(forward, inputs, [x.dtype] * 3)
        z.set_shape((*x.shape[:-1], taps.shape[1]))
        mean.set_shape(taps.shape[1:])
        variance.set_shape(taps.shape[1:])

        def gradient(*above: Any) -> Any:
            found = tf.numpy_function(backward, (*inputs, z, mean, *above), [x.dtype] * 4)
            for part, of in zip(found, inputs, strict=True):
                part.set_shape(of.shape)
            return found

        return (z, mean, variance), gradient

    return operation(x, affine, scale, taps)
