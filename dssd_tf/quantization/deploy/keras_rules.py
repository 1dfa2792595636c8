"""Rules for Keras's own layers and operations."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from dssd_tf.errors import ModelError
from dssd_tf.layers import StridedDepthwiseConv
from dssd_tf.quantization.deploy import primitives as p
from dssd_tf.quantization.deploy.graph import Step
from dssd_tf.quantization.folding import batch_norm_affine

layers = keras.layers

_BOOKKEEPING = ("name", "trainable", "dtype", "data_format", "batch_input_shape")


def conv(layer: keras.layers.Conv2D, name: str, x: Step) -> Step:
    """The same, with bias."""
    _channels_last(layer)
    return p.conv(
        x,
        np.asarray(layer.kernel),
        np.asarray(layer.bias) if layer.use_bias else None,
        name,
        strides=tuple(layer.strides),
        padding=layer.padding,
        dilation=tuple(layer.dilation_rate),
        groups=layer.groups,
        activation=activation_of(layer),
    )


def depthwise(layer: keras.layers.DepthwiseConv2D, name: str, x: Step) -> Step:
    """The same, with bias."""
    _channels_last(layer)
    return p.depthwise(
        x,
        np.asarray(layer.kernel),
        np.asarray(layer.bias) if layer.use_bias else None,
        name,
        strides=tuple(layer.strides),
        padding=layer.padding,
        dilation=tuple(layer.dilation_rate),
        activation=activation_of(layer),
    )


def separable(layer: keras.layers.SeparableConv2D, name: str, x: Step) -> Step:
    """Depthwise, then 1x1."""
    _channels_last(layer)
    x = p.depthwise(
        x,
        np.asarray(layer.depthwise_kernel),
        None,
        f"{name}_depthwise",
        strides=tuple(layer.strides),
        padding=layer.padding,
        dilation=tuple(layer.dilation_rate),
    )
    bias = np.asarray(layer.bias) if layer.use_bias else None
    kernel = np.asarray(layer.pointwise_kernel)
    return p.conv(x, kernel, bias, f"{name}_pointwise", activation=activation_of(layer))


def dense(layer: keras.layers.Dense, name: str, x: Step) -> Step:
    """The same, with bias."""
    kernel = np.asarray(layer.kernel)
    bias = np.asarray(layer.bias) if layer.use_bias else np.zeros(layer.units, "float32")
    config = {"units": layer.units, "activation": activation_of(layer)}
    return Step(layers.Dense, config, (x,), (kernel, bias), name)


def batch_norm(layer: keras.layers.BatchNormalization, name: str, x: Step) -> Step:
    """Scale and shift a channel."""
    axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0]
    if axis % len(x.shape) != len(x.shape) - 1 or len(x.shape) > 4:
        return keep(layer, name, x)
    return p.affine(x, *batch_norm_affine(layer), name)


def average_pool(layer: keras.layers.AveragePooling2D, name: str, x: Step) -> Step:
    """The same; without padding it becomes a convolution later."""
    _channels_last(layer)
    if layer.padding != "valid":
        return keep(layer, name, x)
    size, strides = tuple(layer.pool_size), tuple(layer.strides)
    return p.average_pool(x, (size[0], size[1]), (strides[0], strides[1]), name)


def identity(layer: keras.layers.Layer, name: str, x: Step) -> Step:
    """Nothing at inference."""
    return x


def keep(layer: keras.layers.Layer, name: str, *inputs: Step) -> Step:
    """The same layer, with its weights."""
    _channels_last(layer)
    if hasattr(layer, "activation"):
        activation_of(layer)
    config = {k: v for k, v in layer.get_config().items() if k not in _BOOKKEEPING}
    config = {k: v for k, v in config.items() if not k.endswith(("_initializer", "_regularizer"))}
    weights = tuple(np.asarray(weight) for weight in layer.get_weights())
    return Step(type(layer), config, inputs, weights, name)


def _channels_last(layer: keras.layers.Layer) -> None:
    if getattr(layer, "data_format", "channels_last") not in ("channels_last", None):
        raise ModelError(
            f"layer {layer.name!r} ({type(layer).__name__}) has the channels first",
            fix="build the model with data_format='channels_last'",
        )


def activation_of(layer: keras.layers.Layer) -> Any:
    """The name of a layer's activation, None for none.

    Raises:
        ModelError: It is none of Keras's activations.
    """
    function = layer.activation
    if function is None or function is keras.activations.linear:
        return None
    name = keras.activations.serialize(function)
    try:
        keras.activations.get(name)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"layer {layer.name!r} ({type(layer).__name__}) has an activation of its own, "
            f"{getattr(function, '__name__', function)!r}",
            fix="use one of keras.activations",
        ) from error
    return name


RULES: dict[type[keras.layers.Layer], Callable[..., Any]] = {
    layers.Conv2D: conv,
    layers.DepthwiseConv2D: depthwise,
    StridedDepthwiseConv: depthwise,
    layers.SeparableConv2D: separable,
    layers.Dense: dense,
    layers.BatchNormalization: batch_norm,
    layers.AveragePooling2D: average_pool,
    **dict.fromkeys(
        (
            layers.ActivityRegularization,
            layers.AlphaDropout,
            layers.Dropout,
            layers.GaussianDropout,
            layers.GaussianNoise,
            layers.Identity,
            layers.SpatialDropout1D,
            layers.SpatialDropout2D,
        ),
        identity,
    ),
    **dict.fromkeys(
        (
            layers.Activation,
            layers.Add,
            layers.Average,
            layers.AveragePooling1D,
            layers.Concatenate,
            layers.Conv1D,
            layers.Conv2DTranspose,
            layers.Cropping1D,
            layers.Cropping2D,
            layers.ELU,
            layers.Flatten,
            layers.GlobalAveragePooling1D,
            layers.GlobalAveragePooling2D,
            layers.GlobalMaxPooling1D,
            layers.GlobalMaxPooling2D,
            layers.LeakyReLU,
            layers.MaxPooling1D,
            layers.MaxPooling2D,
            layers.Maximum,
            layers.Minimum,
            layers.Multiply,
            layers.PReLU,
            layers.Permute,
            layers.ReLU,
            layers.Reshape,
            layers.Softmax,
            layers.Subtract,
            layers.UpSampling2D,
            layers.ZeroPadding1D,
            layers.ZeroPadding2D,
        ),
        keep,
    ),
}
"""Exact classes: a subclass may compute something else."""

OPERATIONS: dict[str, type[keras.layers.Layer]] = {
    "Add": layers.Add,
    "Subtract": layers.Subtract,
    "Multiply": layers.Multiply,
    "Maximum": layers.Maximum,
    "Minimum": layers.Minimum,
}
"""Operations between two tensors, as ``x + y`` records them, and the layers for them."""

FUNCTIONS = {"Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh"}
"""Functions of one tensor, as ``keras.ops.relu(x)`` records them, and their activations."""
