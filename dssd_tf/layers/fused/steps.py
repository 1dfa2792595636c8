"""The steps of an operator, from Keras's layers to the fused operations."""

from typing import Any, NamedTuple

import keras
import tensorflow as tf
from keras import ops

from dssd_tf.layers.fused.cross import cross
from dssd_tf.layers.fused.norm import affine_relu_pool, norm_relu_pool


class Pending(NamedTuple):
    """A tensor whose normalization and ReLU are still to be computed, by who reads it.

    `tensor` is (batch, time, frequency, C), `affine` factor, offset and centre, (3, C).
    """

    tensor: Any
    affine: Any


def crossed(
    layer: keras.layers.Layer,
    norm: keras.layers.BatchNormalization,
    x: Any,
    training: bool | None,
    kernel: Any = None,
) -> Pending:
    """``norm(layer(pointwise(x)))`` with the ReLU, pending; `layer` a `CrossDepthwiseConv`.

    Args:
        x: A tensor (batch, time, frequency, channels), or one that is pending.
        kernel: That of a `GroupedPointwiseConv`, (1, 1, members, C); None for no such layer.
    """
    activated = isinstance(x, Pending)
    tensor = x.tensor if activated else x
    channels = tensor.shape[-1]
    affine = x.affine if activated else ops.zeros((3, channels), tensor.dtype)
    if kernel is None:
        scale = ops.ones((channels,), tensor.dtype)
    else:
        scale = ops.reshape(ops.transpose(kernel[0, 0]), (channels,))
    z, mean, variance = cross(
        tensor, affine, scale, _taps(layer), reach=layer.dilation_rate, activated=activated
    )
    if training and norm.trainable:
        _track(norm, mean, variance)
    else:
        mean, variance = _read(norm.moving_mean), _read(norm.moving_variance)
    return Pending(z, _affine(norm, mean, variance))


def cross_alone(layer: keras.layers.Layer, x: Any) -> Any:
    """What the `CrossDepthwiseConv` `layer` gives for x, (batch, time, frequency, C)."""
    channels = x.shape[-1]
    affine, scale = ops.zeros((3, channels), x.dtype), ops.ones((channels,), x.dtype)
    return cross(x, affine, scale, _taps(layer), reach=layer.dilation_rate, activated=False)[0]


def applied(x: Pending) -> Any:
    """The tensor after its normalization and ReLU."""
    return affine_relu_pool(x.tensor, x.affine, (1, 1))


def normed(
    norm: keras.layers.BatchNormalization,
    x: Any,
    training: bool | None,
    pool: tuple[int, int] = (1, 1),
) -> Any:
    """``pool(relu(norm(x)))``, average pooling over (time, frequency), floor."""
    if not (training and norm.trainable):
        affine = _affine(norm, _read(norm.moving_mean), _read(norm.moving_variance))
        return affine_relu_pool(x, affine, pool)
    y, mean, variance = norm_relu_pool(x, _read(norm.gamma), _read(norm.beta), norm.epsilon, pool)
    _track(norm, mean, variance)
    return y


def biased(x: Any, bias: keras.Variable) -> Any:
    """``x + bias``, whose gradient sums faster than that of an addition: (places, C), (C,)."""
    return tf.nn.bias_add(x, _read(bias))


def _taps(layer: keras.layers.Layer) -> Any:
    """Centre, earlier, later, lower, higher: (5, C)."""
    time, frequency = (ops.reshape(part.kernel, (3, -1)) for part in (layer.time, layer.frequency))
    return ops.stack([time[1] + frequency[1], time[0], time[2], frequency[0], frequency[2]], axis=0)


def _affine(norm: keras.layers.BatchNormalization, mean: Any, variance: Any) -> Any:
    factor = _read(norm.gamma) * tf.math.rsqrt(variance + norm.epsilon)
    return tf.stack([factor, _read(norm.beta), mean])


def _read(variable: keras.Variable) -> Any:
    """The value as a tensor: a custom gradient refuses variables."""
    return tf.convert_to_tensor(variable.value)


def _track(norm: keras.layers.BatchNormalization, mean: Any, variance: Any) -> None:
    """Move the running moments as Keras's layer does."""
    for running, new in ((norm.moving_mean, mean), (norm.moving_variance, variance)):
        new = tf.stop_gradient(new)
        running.assign(running * norm.momentum + new * (1.0 - norm.momentum))
