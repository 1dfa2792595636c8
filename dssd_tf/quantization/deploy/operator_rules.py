"""Rules for this package's operators, blocks and attention."""

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from dssd_tf.errors import ModelError
from dssd_tf.layers import (
    CrossDepthwiseConv,
    DistilledBlock,
    EfficientChannelAttention,
    FrequencySplit,
    GlobalResponseNorm,
    GroupedPointwiseConv,
    OrthonormalSeparableConv,
    ResidualDistilledBlock,
    SeparableConv,
    SeparablePartialConv,
)
from dssd_tf.quantization.deploy import primitives as p
from dssd_tf.quantization.deploy.graph import Array, Step
from dssd_tf.quantization.deploy.keras_rules import activation_of
from dssd_tf.quantization.folding import (
    batch_norm_affine,
    cross_kernel,
    dense_pointwise,
    fold_conv,
)


def separable(layer: SeparableConv, name: str, x: Step) -> Step:
    """One 1x1 convolution and the dilated 3x3 depthwise one; or the latter alone."""
    pointwise = np.asarray(layer.pointwise.kernel)
    scale, shift = batch_norm_affine(layer.norm)
    if layer.grouped and pointwise.shape[2] == 1:
        # One factor a channel commutes with the zero-padded depthwise convolution.
        return _cross(name, layer.cross, x, scale, shift, pointwise[0, 0, 0], activation="relu")
    if layer.grouped:
        pointwise = dense_pointwise(pointwise)
    x = p.conv(x, pointwise, None, f"{name}_pointwise")
    return _cross(name, layer.cross, x, scale, shift, activation="relu")


def orthonormal(layer: OrthonormalSeparableConv, name: str, x: Step) -> Step:
    """The bottleneck's two 1x1 convolutions and the depthwise one."""
    for part in (layer.reduce, layer.expand):
        x = p.conv(x, np.asarray(part.kernel), None, f"{name}_{part.name}")
    return _cross(name, layer.cross, x, *batch_norm_affine(layer.norm), activation="relu")


def partial(layer: SeparablePartialConv, name: str, x: Step) -> Step:
    """The spatial part on the first channels, the others scaled, or joined by the projection."""
    scale, shift = batch_norm_affine(layer.norm)
    count = layer.convolved
    # Zeros for the channels that are not convolved, instead of a slice.
    pointwise = np.zeros((1, 1, x.channels, count), "float32")
    pointwise[:, :, :count] = np.asarray(layer.pointwise.kernel)
    first = p.conv(x, pointwise, None, f"{name}_pointwise")
    if layer.project is None:
        own, others = slice(None, count), slice(count, None)
        first = _cross(name, layer.cross, first, scale[own], shift[own], activation="relu")
        rest = p.channels(x, count, x.channels, f"{name}_rest")
        rest = p.affine(rest, scale[others], shift[others], f"{name}_affine", "relu")
        return p.concatenate(first, rest, name=f"{name}_join")
    first = _cross(name, layer.cross, first, np.ones(count), np.zeros(count))
    joined = p.concatenate(first, x, name=f"{name}_join")
    kernel, bias = fold_conv(np.asarray(layer.project.kernel), 0.0 * shift, scale, shift)
    wide = np.zeros((1, 1, joined.channels, kernel.shape[3]), "float32")
    wide[:, :, :count], wide[:, :, 2 * count :] = kernel[:, :, :count], kernel[:, :, count:]
    return p.conv(joined, wide, bias, f"{name}_project", activation="relu")


def cross(layer: CrossDepthwiseConv, name: str, x: Step) -> Step:
    """One depthwise convolution for the two."""
    return _cross(name, layer, x, np.ones(x.channels), np.zeros(x.channels))


def attention(layer: EfficientChannelAttention, name: str, x: Step) -> Step:
    """Mean, convolution over channels as one over the columns of a row, sigmoid, product."""
    means = p.mean(x, f"{name}_mean")
    row = p.reshape(means, (1, x.channels, 1), f"{name}_row")
    kernel = np.asarray(layer.conv.kernel)[None]
    gates = p.conv(row, kernel, None, f"{name}_conv", padding="same")
    gates = p.reshape(gates, (1, 1, x.channels), f"{name}_column")
    gates = p.activation(gates, "sigmoid", f"{name}_gate")
    return p.multiply(x, gates, name=f"{name}_scale")


def split(layer: FrequencySplit, name: str, x: Step) -> tuple[Step, Step]:
    """Two slices."""
    half = _half(x)
    low = p.crop(x, (0, 0), (0, half), f"{name}_low")
    return low, p.crop(x, (0, 0), (half, 0), f"{name}_high")


def block(layer: DistilledBlock, name: str, x: Step) -> Step:
    """The parts; in form S both halves are distilled by one convolution of two taps."""
    fused = _combined(layer, name, x, "relu")
    return p.average_pool(fused, *_pool(layer), f"{name}_pool")


def residual_block(layer: ResidualDistilledBlock, name: str, x: Step) -> Step:
    """As the block, with the sum in front of the activation.

    In form S the 1x1 convolution of the shortcut reads both halves by two taps of equal weights.
    """
    fused = _combined(layer, name, x, None)
    shortcut = x
    if layer.project is not None:
        kernel, bias = fold_conv(
            np.asarray(layer.project.kernel), np.zeros(1), *batch_norm_affine(layer.project_norm)
        )
        taps = np.concatenate([kernel, kernel], axis=1) if layer.split else kernel
        dilation = (1, _half(x)) if layer.split else (1, 1)
        shortcut = p.conv(x, taps, bias, f"{name}_project", dilation=dilation)
    elif layer.split:
        low, high = split(layer.halves, f"{name}_shortcut", x)
        shortcut = p.add(low, high, name=f"{name}_shortcut")
    y = p.activation(p.add(fused, shortcut, name=f"{name}_residual"), "relu", f"{name}_relu")
    size, strides = _pool(layer)
    return y if size == (1, 1) else p.average_pool(y, size, strides, f"{name}_pool")


def _combined(layer: DistilledBlock, name: str, x: Step, activation: str | None) -> Step:
    first, second, third = (
        functools.partial(RULES[type(operator)], operator, f"{name}_{operator.name}")
        for operator in layer.operators
    )
    kernels = [np.asarray(conv.kernel) for conv in layer.distill]
    biases = [np.asarray(conv.bias) for conv in layer.distill]
    if layer.split:
        half = _half(x)
        both = np.concatenate(kernels, axis=1)
        # Taps half the frequencies apart read the low and the high half at once.
        distilled = p.conv(x, both, biases[0] + biases[1], f"{name}_distill", dilation=(1, half))
        low = p.crop(x, (0, 0), (0, half), f"{name}_low")
        joined = p.add(distilled, third(second(first(low))), name=f"{name}_sum")
    else:
        x1 = first(x)
        parts = [
            p.conv(source, kernel, bias, f"{name}_distill{index}")
            for index, (source, kernel, bias) in enumerate(
                zip((x, x1), kernels, biases, strict=True), start=1
            )
        ]
        joined = p.concatenate(*parts, third(second(x1)), name=f"{name}_join")
    joined = attention(layer.attention, f"{name}_attention", joined)
    kernel, bias = fold_conv(
        np.asarray(layer.fuse.kernel), np.asarray(layer.fuse.bias), *batch_norm_affine(layer.norm)
    )
    return p.conv(joined, kernel, bias, f"{name}_fuse", activation=activation)


def _pool(layer: DistilledBlock) -> tuple[tuple[int, int], tuple[int, int]]:
    """Size and strides of the pool, which are the same."""
    size = tuple(layer.pool.pool_size)
    return (size[0], size[1]), (size[0], size[1])


def response_norm(layer: GlobalResponseNorm, name: str, x: Step) -> Step:
    """``x (1 + gamma g / mean_c(g)) + beta`` with operations that exist in int8.

    The quotient is a product with the reciprocal root of the mean's square: the int8 division
    is undefined at a mean that rounds to zero, the reciprocal root is not.
    """
    positions = 1.0
    for size in x.shape[1:3]:
        if size is None:
            raise ModelError(f"layer {name!r} needs a grid of fixed size, got {x.shape}")
        positions *= size
    energy = p.mean(p.multiply(x, x, name=f"{name}_square"), f"{name}_energy")
    response = p.activation(energy, keras.ops.sqrt, f"{name}_response")
    # The means stand for sums, hence epsilon on their scale.
    over = np.full((1, 1, x.channels, 1), 1 / x.channels, "float32")
    epsilon = np.full(1, layer.epsilon / np.sqrt(positions), "float32")
    mean = p.conv(response, over, epsilon, f"{name}_mean")
    inverse = p.activation(
        p.multiply(mean, mean, name=f"{name}_mean_square"), keras.ops.rsqrt, f"{name}_inverse"
    )
    relative = p.multiply(response, inverse, name=f"{name}_relative")
    gamma, beta = (float(np.asarray(weight)[0]) for weight in (layer.gamma, layer.beta))
    ones = np.ones(x.channels, "float32")
    gates = p.affine(relative, gamma * ones, ones, f"{name}_gate")
    scaled = p.multiply(x, gates, name=f"{name}_scale")
    return p.affine(scaled, ones, beta * ones, f"{name}_shift") if beta else scaled


def grouped_pointwise(layer: GroupedPointwiseConv, name: str, x: Step) -> Step:
    """A full 1x1 convolution with zeros between the groups."""
    kernel = dense_pointwise(np.asarray(layer.kernel))
    return p.conv(x, kernel, None, name, activation=activation_of(layer))


def _cross(
    name: str,
    cross: CrossDepthwiseConv,
    x: Step,
    scale: Array,
    shift: Array,
    factors: Array | None = None,
    activation: str | None = None,
) -> Step:
    """One dilated 3x3 depthwise convolution: `factors` a channel, D_t + D_f, scale and shift."""
    kernel, bias = cross_kernel(
        np.asarray(cross.time.kernel), np.asarray(cross.frequency.kernel), scale, shift
    )
    if factors is not None:
        kernel = kernel * factors[:, None]
    dilation = (cross.dilation_rate, cross.dilation_rate)
    return p.depthwise(
        x,
        kernel,
        bias,
        f"{name}_depthwise",
        padding="same",
        dilation=dilation,
        activation=activation,
    )


def _half(x: Step) -> int:
    bands = x.shape[2]
    assert bands is not None
    return bands // 2


RULES: dict[type[keras.layers.Layer], Callable[..., Any]] = {
    SeparableConv: separable,
    OrthonormalSeparableConv: orthonormal,
    SeparablePartialConv: partial,
    CrossDepthwiseConv: cross,
    GroupedPointwiseConv: grouped_pointwise,
    EfficientChannelAttention: attention,
    GlobalResponseNorm: response_norm,
    FrequencySplit: split,
    DistilledBlock: block,
    ResidualDistilledBlock: residual_block,
}
