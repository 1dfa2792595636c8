"""Which primitives each layer and operation of Keras 3 is made of."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from dssd_tf.layers.strided_depthwise_conv import StridedDepthwiseConv
from dssd_tf.quantization.qat.primitive import Kind
from dssd_tf.quantization.qat.translator import Tensor, Translator, unsupported


def _channels_last(layer: Any) -> None:
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise unsupported(layer, f"data_format {layer.data_format!r}")


def _spec(layer: Any, inputs: Sequence[Tensor], **kwargs: Any) -> tuple[int | None, ...]:
    """Shape that a layer gives for one input."""
    given = keras.KerasTensor(inputs[0].shape)
    return tuple(layer.compute_output_spec(given, **kwargs).shape)


def _conv(t: Translator, layer: Any, x: Tensor) -> Tensor:
    _channels_last(layer)
    y = t.append(
        "conv",
        layer,
        [x],
        layer.compute_output_shape(x.shape),
        [layer.kernel, *([layer.bias] if layer.use_bias else [])],
        strides=tuple(layer.strides),
        padding=layer.padding,
        dilation_rate=tuple(layer.dilation_rate),
        groups=layer.groups,
    )
    return t.activate(layer, y, layer.activation)


def _depthwise(t: Translator, layer: Any, x: Tensor) -> Tensor:
    _channels_last(layer)
    strides = tuple(layer.strides)
    # TensorFlow's kernel has one stride for both axes: every place, then those that are wanted.
    unequal = strides[0] != strides[1]
    shape = tuple(layer.compute_output_shape(x.shape))
    if unequal and layer.padding != "valid":
        raise unsupported(layer, f"strides {strides} with padding {layer.padding!r}")
    y = t.append(
        "depthwise",
        layer,
        [x],
        shape,
        [layer.kernel, *([layer.bias] if layer.use_bias else [])],
        strides=(1, 1) if unequal else strides,
        padding=layer.padding,
        dilation_rate=tuple(layer.dilation_rate),
    )
    y = t.activate(layer, y, layer.activation)
    if unequal:
        steps = (slice(None), slice(None, None, strides[0]), slice(None, None, strides[1]))
        y = t.append("slice", layer, [y], shape, key=steps)
    return y


def _dense(t: Translator, layer: Any, x: Tensor) -> Tensor:
    weights = [layer.kernel, *([layer.bias] if layer.use_bias else [])]
    y = t.append("dense", layer, [x], layer.compute_output_shape(x.shape), weights)
    return t.activate(layer, y, layer.activation)


def _relu(t: Translator, layer: Any, x: Tensor) -> Tensor:
    if layer.threshold or layer.max_value not in (None, 6) or layer.negative_slope:
        if layer.threshold or layer.max_value is not None:
            raise unsupported(
                layer, f"ReLU with threshold {layer.threshold}, max_value {layer.max_value}"
            )
        return t.append("leaky_relu", layer, [x], negative_slope=float(layer.negative_slope))
    return t.append("relu" if layer.max_value is None else "relu6", layer, [x])


def _activation(t: Translator, layer: Any, x: Tensor) -> Tensor:
    return t.activate(layer, x, layer.activation)


def _leaky_relu(t: Translator, layer: Any, x: Tensor) -> Tensor:
    return t.append("leaky_relu", layer, [x], negative_slope=float(layer.negative_slope))


def _softmax(t: Translator, layer: Any, x: Tensor) -> Tensor:
    if layer.axis not in (-1, len(x.shape) - 1):
        raise unsupported(layer, f"softmax over axis {layer.axis}")
    return t.append("softmax", layer, [x])


def _merge(kind: Kind) -> Callable[..., Tensor]:
    def rule(t: Translator, layer: Any, *inputs: Any) -> Tensor:
        """A layer that takes a list, or an operation of `keras.ops` that takes two arguments."""
        tensors = list(inputs[0]) if isinstance(inputs[0], list | tuple) else list(inputs)
        if not all(isinstance(tensor, Tensor) for tensor in tensors):
            raise unsupported(layer, f"a constant in {kind}")
        result = tensors[0]
        for other in tensors[1:]:
            shape = keras.src.ops.operation_utils.broadcast_shapes(result.shape, other.shape)
            result = t.append(kind, layer, [result, other], shape)
        return result

    return rule


def _concatenate(t: Translator, layer: Any, inputs: Any, axis: int | None = None) -> Tensor:
    axis = layer.axis if axis is None else axis
    rank = len(inputs[0].shape)
    axis %= rank
    shape = list(inputs[0].shape)
    shape[axis] = sum(tensor.shape[axis] for tensor in inputs)
    return t.append("concatenate", layer, inputs, shape, axis=axis)


def _crop(t: Translator, layer: Any, x: Tensor) -> Tensor:
    (top, bottom), (left, right) = layer.cropping
    spatial = (slice(top, -bottom or None), slice(left, -right or None))
    if layer.data_format == "channels_first":
        key: tuple[slice, ...] = (slice(None), slice(None), *spatial)
    else:
        key = (slice(None), *spatial)
    return t.append("slice", layer, [x], layer.compute_output_shape(x.shape), key=key)


def _get_item(t: Translator, layer: Any, x: Tensor, key: Any) -> Tensor:
    key = tuple(key) if isinstance(key, tuple | list) else (key,)
    if Ellipsis in key:
        place = key.index(Ellipsis)
        missing = len(x.shape) - len(key) + 1
        key = (*key[:place], *[slice(None)] * missing, *key[place + 1 :])
    if not all(isinstance(part, slice) for part in key):
        raise unsupported(layer, f"indexing by {key}")
    return t.append("slice", layer, [x], _spec(layer, [x], key=key), key=key)


def _pad(t: Translator, layer: Any, x: Tensor) -> Tensor:
    _channels_last(layer)
    return t.append("pad", layer, [x], layer.compute_output_shape(x.shape), padding=layer.padding)


def _pool(kind: Kind) -> Callable[..., Tensor]:
    def rule(t: Translator, layer: Any, x: Tensor) -> Tensor:
        _channels_last(layer)
        return t.append(
            kind,
            layer,
            [x],
            layer.compute_output_shape(x.shape),
            pool_size=tuple(layer.pool_size),
            strides=tuple(layer.strides),
            padding=layer.padding,
        )

    return rule


def _global_pool(kind: Kind) -> Callable[..., Tensor]:
    def rule(t: Translator, layer: Any, x: Tensor) -> Tensor:
        _channels_last(layer)
        shape = layer.compute_output_shape(x.shape)
        return t.append(kind, layer, [x], shape, axis=(1, 2), keepdims=bool(layer.keepdims))

    return rule


def _reduce(kind: Kind) -> Callable[..., Tensor]:
    def rule(t: Translator, layer: Any, x: Tensor) -> Tensor:
        axes = range(1, len(x.shape)) if layer.axis is None else np.atleast_1d(layer.axis)
        axis = tuple(int(a) % len(x.shape) for a in axes)
        shape = _spec(layer, [x])
        return t.append(kind, layer, [x], shape, axis=axis, keepdims=bool(layer.keepdims))

    return rule


def _reshape(t: Translator, layer: Any, x: Tensor) -> Tensor:
    shape = tuple(layer.compute_output_shape(x.shape))
    return t.append("reshape", layer, [x], shape, target_shape=shape[1:])


def _square(t: Translator, layer: Any, x: Tensor) -> Tensor:
    return t.append("multiply", layer, [x, x])


def _unary(kind: Kind) -> Callable[..., Tensor]:
    return lambda t, layer, x: t.append(kind, layer, [x])


def _identity(t: Translator, layer: Any, x: Tensor) -> Tensor:
    return x


_L, _OPS = keras.layers, keras.src.ops.numpy

RULES: dict[type, Callable[..., Tensor]] = {
    _L.Conv2D: _conv,
    _L.DepthwiseConv2D: _depthwise,
    StridedDepthwiseConv: _depthwise,
    _L.Dense: _dense,
    _L.ReLU: _relu,
    _L.LeakyReLU: _leaky_relu,
    _L.Activation: _activation,
    _L.Softmax: _softmax,
    _L.Add: _merge("add"),
    _L.Subtract: _merge("subtract"),
    _L.Multiply: _merge("multiply"),
    _L.Concatenate: _concatenate,
    _L.Cropping2D: _crop,
    _L.ZeroPadding2D: _pad,
    _L.AveragePooling2D: _pool("average_pool"),
    _L.MaxPooling2D: _pool("max_pool"),
    _L.GlobalAveragePooling2D: _global_pool("mean"),
    _L.GlobalMaxPooling2D: _global_pool("maximum"),
    _L.Reshape: _reshape,
    _L.Flatten: _reshape,
    _L.Dropout: _identity,
    _L.Identity: _identity,
    _OPS.Add: _merge("add"),
    _OPS.Subtract: _merge("subtract"),
    _OPS.Multiply: _merge("multiply"),
    _OPS.TrueDivide: _merge("divide"),
    _OPS.Divide: _merge("divide"),
    _OPS.Square: _square,
    _OPS.Sqrt: _unary("sqrt"),
    keras.src.ops.math.Rsqrt: _unary("rsqrt"),
    _OPS.Mean: _reduce("mean"),
    _OPS.Sum: _reduce("sum"),
    _OPS.Concatenate: _concatenate,
    _OPS.GetItem: _get_item,
    keras.src.ops.nn.Relu: _unary("relu"),
    keras.src.ops.nn.Sigmoid: _unary("sigmoid"),
}
"""What each type of layer or operation is made of; subclasses do not count."""
