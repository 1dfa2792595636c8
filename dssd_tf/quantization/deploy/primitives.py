"""The steps that the rules put together: what the int8 runtime computes as one operation each."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from dssd_tf.layers import StridedDepthwiseConv
from dssd_tf.quantization.deploy.graph import Array, Step

layers = keras.layers


def conv(
    x: Step,
    kernel: Array,
    bias: Array | None,
    name: str,
    *,
    strides: tuple[int, int] = (1, 1),
    padding: str = "valid",
    dilation: tuple[int, int] = (1, 1),
    groups: int = 1,
    activation: str | None = None,
) -> Step:
    """A convolution with the kernel (h, w, in / groups, out) and the bias (out,), or none."""
    config = {
        "filters": kernel.shape[3],
        "kernel_size": kernel.shape[:2],
        "strides": strides,
        "padding": padding,
        "dilation_rate": dilation,
        "groups": groups,
        "activation": activation,
        "use_bias": True,
    }
    bias = np.zeros(kernel.shape[3], "float32") if bias is None else bias
    return Step(layers.Conv2D, config, (x,), (kernel, bias), name)


def depthwise(
    x: Step,
    kernel: Array,
    bias: Array | None,
    name: str,
    *,
    strides: tuple[int, int] = (1, 1),
    padding: str = "valid",
    dilation: tuple[int, int] = (1, 1),
    activation: str | None = None,
) -> Step:
    """A depthwise convolution with the kernel (h, w, in, multiplier) and the bias, or none."""
    config = {
        "kernel_size": kernel.shape[:2],
        "depth_multiplier": kernel.shape[3],
        "strides": strides,
        "padding": padding,
        "dilation_rate": dilation,
        "activation": activation,
        "use_bias": True,
    }
    equal = strides[0] == strides[1]
    kind = layers.DepthwiseConv2D if equal else StridedDepthwiseConv
    bias = np.zeros(kernel.shape[2] * kernel.shape[3], "float32") if bias is None else bias
    return Step(kind, config, (x,), (kernel, bias), name)


def affine(x: Step, scale: Array, shift: Array, name: str, activation: str | None = None) -> Step:
    """Scale and shift of each channel, (channels,): a 1x1 depthwise convolution."""
    if len(x.shape) == 4:
        return depthwise(x, scale.reshape(1, 1, -1, 1), shift, name, activation=activation)
    inner = tuple(-1 if size is None else size for size in x.shape[1:])
    grid = reshape(x, (1, *inner) if len(inner) == 2 else (1, 1, *inner), f"{name}_grid")
    return reshape(affine(grid, scale, shift, name, activation), inner, f"{name}_flat")


def reshape(x: Step, shape: tuple[int, ...], name: str) -> Step:
    """Another shape, without the batch axis; the elements keep their order."""
    return Step(layers.Reshape, {"target_shape": shape}, (x,), name=name)


def crop(x: Step, time: tuple[int, int], frequency: tuple[int, int], name: str) -> Step:
    """Without the first and last rows of time and of frequency."""
    return Step(layers.Cropping2D, {"cropping": (time, frequency)}, (x,), name=name)


def channels(x: Step, start: int, stop: int, name: str) -> Step:
    """The channels from `start` to before `stop`, as one contiguous slice."""
    # Cropping2D in the other data format cuts the last two axes.
    config = {
        "cropping": ((0, 0), (start, x.channels - stop)),
        "data_format": "channels_first",
    }
    return Step(layers.Cropping2D, config, (x,), name=name)


def concatenate(*inputs: Step, name: str) -> Step:
    """Joined along the channels."""
    return Step(layers.Concatenate, {}, inputs, name=name)


def add(*inputs: Step, name: str) -> Step:
    """Sum."""
    return Step(layers.Add, {}, inputs, name=name)


def multiply(*inputs: Step, name: str) -> Step:
    """Product; axes of size 1 are repeated."""
    return Step(layers.Multiply, {}, inputs, name=name)


def mean(x: Step, name: str) -> Step:
    """Mean over time and frequency, (batch, 1, 1, channels)."""
    return Step(layers.GlobalAveragePooling2D, {"keepdims": True}, (x,), name=name)


def activation(x: Step, function: str | Callable[..., Any], name: str) -> Step:
    """An activation: its name, or a function of `keras.ops`."""
    return Step(layers.Activation, {"activation": function}, (x,), name=name)


def average_pool(x: Step, size: tuple[int, int], strides: tuple[int, int], name: str) -> Step:
    """Average pooling without padding."""
    return Step(layers.AveragePooling2D, {"pool_size": size, "strides": strides}, (x,), name=name)


def pool_by_convolution(pool: Step) -> Step | None:
    """An average pool without padding as a depthwise convolution, where that is possible.

    The int8 runtime computes an average pool on its own, outside the part that its fast
    kernels keep whole; a depthwise convolution with equal weights stays inside.
    """
    (x,), name = pool.inputs, pool.name
    size, strides = tuple(pool.config["pool_size"]), tuple(pool.config["strides"])
    window, channels = size[0] * size[1], x.channels
    _, times, bands, _ = x.shape
    if strides[0] == strides[1]:
        kernel = np.full((*size, channels, 1), 1 / window, "float32")
        return depthwise(x, kernel, None, name, strides=strides)
    if size == strides == (size[0], 1) and times is not None and bands is not None:
        # Unequal strides are refused by TensorFlow: the rows that are averaged are put side by
        # side along frequency, where taps that lie `bands` apart meet them.
        count = times // size[0]
        if times % size[0]:
            x = crop(x, (0, times % size[0]), (0, 0), f"{name}_crop")
        rows = reshape(x, (count, size[0] * bands, channels), f"{name}_rows")
        kernel = np.full((1, size[0], channels, 1), 1 / window, "float32")
        return depthwise(rows, kernel, None, name, dilation=(1, bands))
    return None
