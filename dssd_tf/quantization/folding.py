"""Linear maps merged into one another: batch normalization into kernels, kernels into kernels."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def batch_norm_affine(layer: keras.layers.BatchNormalization) -> tuple[Array, Array]:
    """Scale and shift (channels,) of a batch normalization at inference."""
    mean, variance = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
    scale = 1.0 / np.sqrt(variance + layer.epsilon)
    if layer.scale:
        scale = scale * np.asarray(layer.gamma)
    shift = -mean * scale
    if layer.center:
        shift = shift + np.asarray(layer.beta)
    return scale, shift


def fold_conv(kernel: Array, bias: Array, scale: Array, shift: Array) -> tuple[Array, Array]:
    """Kernel (h, w, in, out) and bias (out,) of a convolution followed by scale and shift."""
    return kernel * scale, bias * scale + shift


def cross_kernel(
    time_kernel: Array, frequency_kernel: Array, scale: Array, shift: Array
) -> tuple[Array, Array]:
    """One depthwise kernel (3, 3, channels, 1) and bias for D_t + D_f, then scale and shift.

    Args:
        time_kernel: (3, 1, channels, 1).
        frequency_kernel: (1, 3, channels, 1).
        scale: (channels,).
        shift: (channels,).
    """
    channels = time_kernel.shape[2]
    cross = np.zeros((3, 3, channels, 1), dtype=time_kernel.dtype)
    cross[:, 1:2] += time_kernel
    cross[1:2, :] += frequency_kernel
    return cross * scale[:, None], shift


def dense_pointwise(kernel: Array) -> Array:
    """The full kernel (1, 1, in, out) of a grouped one (1, 1, in / out, out), zeros between."""
    members, filters = kernel.shape[2:]
    full = np.zeros((1, 1, members * filters, filters), dtype=kernel.dtype)
    for j in range(filters):
        full[0, 0, j * members : (j + 1) * members, j] = kernel[0, 0, :, j]
    return full
