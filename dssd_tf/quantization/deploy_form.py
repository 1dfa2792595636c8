"""The deploy form: the trained function in primitives, with batch normalization folded away."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import ModelError
from dssd_tf.layers import (
    CrossDepthwiseConv,
    DistilledBlock,
    EfficientChannelAttention,
    FrequencySplit,
    OrthonormalSeparableConv,
    SeparableConv,
    SeparablePartialConv,
)
from dssd_tf.quantization.folding import (
    batch_norm_affine,
    cross_kernel,
    dense_pointwise,
    fold_conv,
)

TOLERANCE = 1e-4
"""Largest difference of an output, relative to the largest output, that counts as equal."""


def deploy_form(model: keras.Model) -> keras.Model:
    """A functional model that computes what `model` computes at inference.

    Each operator becomes a pointwise convolution and one 3x3 depthwise convolution, dilated
    like its taps, with bias: the (3, 1) and (1, 3) kernels, their sum and the batch
    normalization are one linear map. Layers that have no rule are used as they are, with their
    weights.

    Args:
        model: A functional Keras model.

    Raises:
        ModelError: The model is not functional, has several inputs or outputs, or the two forms
            differ.
    """
    if not isinstance(model, keras.src.models.functional.Functional):
        raise ModelError(
            f"{model.name} is not a functional model, so its layers cannot be folded",
            fix="build it with keras.Model(inputs, outputs)",
        )
    if (len(model.inputs), len(model.outputs)) != (1, 1):
        raise ModelError(
            f"{model.name} has {len(model.inputs)} inputs and {len(model.outputs)} outputs",
            fix="give a model with one input and one output",
        )
    deployed = keras.models.clone_model(
        model, clone_function=lambda layer: layer, call_function=_call
    )
    _assert_equal(model, deployed)
    return deployed


def _call(layer: keras.layers.Layer, *args: Any, **kwargs: Any) -> Any:
    for kind, rule in _RULES.items():
        if isinstance(layer, kind):
            return rule(layer, *args)
    kwargs.pop("training", None)
    return layer(*args, **kwargs)


def _separable(layer: SeparableConv, x: Any) -> Any:
    pointwise = np.asarray(layer.pointwise.kernel)
    scale, shift = batch_norm_affine(layer.norm)
    factors = None
    if layer.grouped and pointwise.shape[2] == 1:
        # One factor a channel commutes with the zero-padded depthwise convolution.
        factors = pointwise[0, 0, 0]
    else:
        if layer.grouped:
            pointwise = dense_pointwise(pointwise)
        x = _conv(f"{layer.name}_pointwise", pointwise, None, x)
    return _cross(layer, layer.cross, x, scale, shift, factors, activation="relu")


def _orthonormal(layer: OrthonormalSeparableConv, x: Any) -> Any:
    for part in (layer.reduce, layer.expand):
        x = _conv(f"{layer.name}_{part.name}", np.asarray(part.kernel), None, x)
    scale, shift = batch_norm_affine(layer.norm)
    return _cross(layer, layer.cross, x, scale, shift, activation="relu")


def _partial(layer: SeparablePartialConv, x: Any) -> Any:
    scale, shift = batch_norm_affine(layer.norm)
    first = x[..., : layer.convolved]
    first = _conv(f"{layer.name}_pointwise", np.asarray(layer.pointwise.kernel), None, first)
    rest = x[..., layer.convolved :]
    if layer.project is None:
        own, others = slice(None, layer.convolved), slice(layer.convolved, None)
        first = _cross(layer, layer.cross, first, scale[own], shift[own], activation="relu")
        rest = _affine(layer, rest, scale[others], shift[others], activation="relu")
        return keras.layers.Concatenate()([first, rest])
    ones, zeros = np.ones(layer.convolved), np.zeros(layer.convolved)
    mixed = keras.layers.Concatenate()([_cross(layer, layer.cross, first, ones, zeros), rest])
    kernel, bias = fold_conv(np.asarray(layer.project.kernel), 0.0 * shift, scale, shift)
    return _conv(f"{layer.name}_project", kernel, bias, mixed, activation="relu")


def _cross_only(layer: CrossDepthwiseConv, x: Any) -> Any:
    channels = x.shape[-1]
    return _cross(layer, layer, x, np.ones(channels), np.zeros(channels))


def _cross(
    layer: keras.layers.Layer,
    cross: CrossDepthwiseConv,
    x: Any,
    scale: NDArray[Any],
    shift: NDArray[Any],
    factors: NDArray[Any] | None = None,
    **kwargs: Any,
) -> Any:
    """One dilated 3x3 depthwise convolution: `factors` a channel, D_t + D_f, scale and shift."""
    kernel, bias = cross_kernel(
        np.asarray(cross.time.kernel), np.asarray(cross.frequency.kernel), scale, shift
    )
    if factors is not None:
        kernel = kernel * factors[:, None]
    depthwise = keras.layers.DepthwiseConv2D(
        3,
        padding="same",
        dilation_rate=cross.dilation_rate,
        name=_unique(f"{layer.name}_depthwise"),
        **kwargs,
    )
    y = depthwise(x)
    depthwise.set_weights([kernel, bias])
    return y


def _attention(layer: EfficientChannelAttention, x: Any) -> Any:
    channels = x.shape[-1]
    means = keras.layers.GlobalAveragePooling2D()(x)
    row = keras.layers.Reshape((1, channels, 1))(means)
    kernel = np.asarray(layer.conv.kernel)[None]
    gates = _conv(f"{layer.name}_conv", kernel, None, row, padding="same")
    gates = keras.layers.Activation("sigmoid")(keras.layers.Reshape((1, 1, channels))(gates))
    return keras.layers.Multiply()([x, gates])


def _split(layer: FrequencySplit, x: Any) -> tuple[Any, Any]:
    half = x.shape[2] // 2
    low = keras.layers.Cropping2D(((0, 0), (0, half)))(x)
    high = keras.layers.Cropping2D(((0, 0), (half, 0)))(x)
    return low, high


def _block(layer: DistilledBlock, x: Any) -> Any:
    first, second, third = layer.operators
    distill = [partial(_copied_conv, conv) for conv in layer.distill]
    if layer.split:
        low, high = _split(layer.halves, x)
        x3 = _call(third, _call(second, _call(first, low)))
        fused = keras.layers.Add()([distill[0](low), distill[1](high), x3])
    else:
        x1 = _call(first, x)
        x3 = _call(third, _call(second, x1))
        fused = keras.layers.Concatenate()([distill[0](x), distill[1](x1), x3])
    fused = _attention(layer.attention, fused)
    kernel, bias = fold_conv(
        np.asarray(layer.fuse.kernel), np.asarray(layer.fuse.bias), *batch_norm_affine(layer.norm)
    )
    fused = _conv(f"{layer.name}_fuse", kernel, bias, fused, activation="relu")
    return keras.layers.AveragePooling2D(layer.pool.pool_size)(fused)


def _copied_conv(layer: keras.layers.Conv2D, x: Any) -> Any:
    return _conv(layer.name, np.asarray(layer.kernel), np.asarray(layer.bias), x)


def _batch_norm(layer: keras.layers.BatchNormalization, x: Any) -> Any:
    if len(x.shape) != 4 or layer.axis not in (-1, 3):
        return layer(x, training=False)
    return _affine(layer, x, *batch_norm_affine(layer))


def _affine(
    layer: keras.layers.Layer, x: Any, scale: NDArray[Any], shift: NDArray[Any], **kwargs: Any
) -> Any:
    """Scale and shift a channel, as a 1x1 depthwise convolution."""
    depthwise = keras.layers.DepthwiseConv2D(1, name=_unique(f"{layer.name}_affine"), **kwargs)
    y = depthwise(x)
    depthwise.set_weights([scale.reshape(1, 1, -1, 1), shift])
    return y


def _identity(layer: keras.layers.Layer, x: Any) -> Any:
    return x


_RULES: dict[type[keras.layers.Layer], Callable[..., Any]] = {
    SeparableConv: _separable,
    OrthonormalSeparableConv: _orthonormal,
    SeparablePartialConv: _partial,
    CrossDepthwiseConv: _cross_only,
    EfficientChannelAttention: _attention,
    FrequencySplit: _split,
    DistilledBlock: _block,
    keras.layers.BatchNormalization: _batch_norm,
    keras.layers.Dropout: _identity,
}


def _conv(name: str, kernel: NDArray[Any], bias: NDArray[Any] | None, x: Any, **kwargs: Any) -> Any:
    conv = keras.layers.Conv2D(
        kernel.shape[3], kernel.shape[:2], use_bias=bias is not None, name=_unique(name), **kwargs
    )
    y = conv(x)
    conv.set_weights([kernel] if bias is None else [kernel, bias])
    return y


def _unique(name: str) -> str:
    return keras.src.utils.naming.auto_name(name)


def _assert_equal(model: keras.Model, deployed: keras.Model) -> None:
    generator = np.random.default_rng(0)
    shape = (2, *(n or 32 for n in model.inputs[0].shape[1:]))
    x = generator.standard_normal(shape, dtype=np.float32)
    expected = np.asarray(model(x, training=False))
    found = np.asarray(deployed(x, training=False))
    difference = float(np.abs(expected - found).max())
    scale = max(1.0, float(np.abs(expected).max()))
    if not difference <= TOLERANCE * scale:
        raise ModelError(
            f"the deploy form of {model.name} differs from the model by {difference:.2g} "
            f"(largest output {scale:.2g}); this is a fault of the package, please report it"
        )
