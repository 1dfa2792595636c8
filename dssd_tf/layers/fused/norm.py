"""Batch normalization, ReLU and average pooling as one operation of TensorFlow."""

from typing import Any

import numpy as np
import tensorflow as tf

from dssd_tf.layers.fused import norm_kernels as kernels
from dssd_tf.layers.fused.arrays import combine, rows, with_centre
from dssd_tf.layers.fused.compiled import aligned, share_out


def norm_relu_pool(
    x: Any, gamma: Any, beta: Any, epsilon: float, pool: tuple[int, int]
) -> tuple[Any, Any, Any]:
    """``pool(relu(gamma (x - mean) / sqrt(variance + epsilon) + beta))`` and both moments.

    The moments are those of x over all but the channels; they carry no gradient of their own.

    Args:
        x: (batch, time, frequency, C), float32 or float64.
        gamma: (C,).
        beta: (C,).
        epsilon: Added to the variance.
        pool: (time, frequency), floor; (1, 1) for none.

    Returns:
        (batch, time // pool, frequency // pool, C), mean (C,) and biased variance (C,).
    """

    def forward(x: Any, gamma: Any, beta: Any) -> tuple[Any, ...]:
        clips, channels = len(x), gamma.size
        means, squares = np.empty((clips, channels)), np.empty((clips, channels))
        share_out(kernels.moments, clips, rows(x), means, squares)
        mean, variance = combine(means, squares, x.shape[1] * x.shape[2])
        mean, variance = mean.astype(x.dtype), variance.astype(x.dtype)
        return _pooled(x, _affine(mean, variance, gamma, beta, epsilon), pool), mean, variance

    def backward(x: Any, gamma: Any, beta: Any, mean: Any, variance: Any, above: Any) -> Any:
        affine = _affine(mean, variance, gamma, beta, epsilon)
        weighed, slope = _sums(x, affine, pool, above)
        count = x.size // x.shape[-1]
        inverse = 1.0 / np.sqrt(variance.astype(np.float64) + epsilon)
        through = np.stack([-affine[0] * slope / count, -affine[0] * weighed * inverse**2 / count])
        dx = aligned(x.shape, x.dtype)
        given = (through.astype(x.dtype), *pool, rows(above), rows(dx))
        share_out(kernels.affine_relu_pool_backward, len(x), rows(x), affine, *given)
        return dx, (weighed * inverse).astype(x.dtype), slope.astype(x.dtype)

    @tf.custom_gradient
    def operation(x: Any, gamma: Any, beta: Any) -> Any:
        y, mean, variance = tf.numpy_function(forward, (x, gamma, beta), [x.dtype] * 3)
        y.set_shape(_pooled_shape(x.shape, pool))
        mean.set_shape(gamma.shape)
        variance.set_shape(gamma.shape)

        def gradient(above: Any, *_: Any) -> Any:
            given = (x, gamma, beta, mean, variance, above)
            found = tf.numpy_function(backward, given, [x.dtype] * 3)
            for part, of in zip(found, (x, gamma, beta), strict=True):
                part.set_shape(of.shape)
            return found

        return (y, mean, variance), gradient

    y, mean, variance = operation(x, gamma, beta)
    return y, tf.stop_gradient(mean), tf.stop_gradient(variance)


def affine_relu_pool(x: Any, affine: Any, pool: tuple[int, int]) -> Any:
    """``pool(relu(factor (x - centre) + offset))``: the same with moments that are given.

    Args:
        x: (batch, time, frequency, C), float32 or float64.
        affine: Factor, offset and centre, (3, C).
        pool: (time, frequency), floor; (1, 1) for none.

    Returns:
        (batch, time // pool, frequency // pool, C).
    """

    def forward(x: Any, affine: Any) -> Any:
        return _pooled(x, affine, pool)

    def backward(x: Any, affine: Any, above: Any) -> Any:
        nothing = np.zeros((2, x.shape[-1]), x.dtype)
        dx = aligned(x.shape, x.dtype)
        given = (nothing, *pool, rows(above), rows(dx))
        share_out(kernels.affine_relu_pool_backward, len(x), rows(x), affine, *given)
        sums = _sums(x, affine, pool, above)
        return dx, with_centre(affine, sums).astype(x.dtype)

    @tf.custom_gradient
    def operation(x: Any, affine: Any) -> Any:
        y = tf.numpy_function(forward, (x, affine), x.dtype)
        y.set_shape(_pooled_shape(x.shape, pool))

        def gradient(above: Any) -> Any:
            found = tf.numpy_function(backward, (x, affine, above), [x.dtype] * 2)
            for part, of in zip(found, (x, affine), strict=True):
                part.set_shape(of.shape)
            return found

        return y, gradient

    return operation(x, affine)


def _affine(mean: Any, variance: Any, gamma: Any, beta: Any, epsilon: float) -> Any:
    """Factor, offset and centre, (3, C), in the type of the data."""
    factor = gamma / np.sqrt(variance.astype(np.float64) + epsilon)
    return np.stack([factor, beta, mean]).astype(mean.dtype)


def _pooled(x: Any, affine: Any, pool: tuple[int, int]) -> Any:
    clips, times, bands, channels = x.shape
    y = aligned((clips, times // pool[0], bands // pool[1], channels), x.dtype)
    share_out(kernels.affine_relu_pool, clips, rows(x), affine, *pool, rows(y))
    return y


def _sums(x: Any, affine: Any, pool: tuple[int, int], above: Any) -> Any:
    """Of the gradient before the ReLU times x - centre, and of it alone: (2, C) float64."""
    sums = np.empty((len(x), 2, x.shape[-1]))
    given = (*pool, rows(above), sums)
    share_out(kernels.affine_relu_pool_sums, len(x), rows(x), affine, *given)
    return sums.sum(axis=0)


def _pooled_shape(shape: Any, pool: tuple[int, int]) -> tuple[int | None, ...]:
    batch, times, bands, channels = shape
    return (
        batch,
        None if times is None else times // pool[0],
        None if bands is None else bands // pool[1],
        channels,
    )
