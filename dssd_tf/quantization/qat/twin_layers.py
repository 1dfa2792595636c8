"""The tf_keras layer of each primitive.

Imported inside functions only, see the package.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf
import tf_keras

from dssd_tf.quantization.qat.primitive import Primitive

_WEIGHT = {"conv": "kernel", "depthwise": "depthwise_kernel", "dense": "kernel"}

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "leaky_relu": lambda x, negative_slope: tf.nn.leaky_relu(x, negative_slope),
    "sigmoid": tf.nn.sigmoid,
    "tanh": tf.nn.tanh,
    "softmax": tf.nn.softmax,
    "sqrt": tf.sqrt,
    "rsqrt": tf.math.rsqrt,
    "add": tf.add,
    "subtract": tf.subtract,
    "multiply": tf.multiply,
    "divide": tf.divide,
    "concatenate": lambda *inputs, axis: tf.concat(inputs, axis),
    "slice": lambda x, key: x[key],
    "pad": lambda x, padding: tf.pad(x, [(0, 0), *padding, (0, 0)]),
    "average_pool": lambda x, pool_size, strides, padding: tf.nn.avg_pool2d(
        x, pool_size, strides, padding.upper()
    ),
    "max_pool": lambda x, pool_size, strides, padding: tf.nn.max_pool2d(
        x, pool_size, strides, padding.upper()
    ),
    "mean": lambda x, axis, keepdims: tf.reduce_mean(x, axis, keepdims),
    "maximum": lambda x, axis, keepdims: tf.reduce_max(x, axis, keepdims),
    "sum": lambda x, axis, keepdims: tf.reduce_sum(x, axis, keepdims),
    "reshape": lambda x, target_shape: tf.reshape(x, (-1, *target_shape)),
}


class Operation(tf_keras.layers.Layer):  # type: ignore[misc]
    """A primitive without weights.

    Args:
        primitive: What it computes, with its fused activation.
        name: Name of the layer.
    """

    def __init__(self, primitive: Primitive, name: str):
        super().__init__(name=name)
        self.kind, self.options = primitive.kind, primitive.options
        self.activation = primitive.activation

    def call(self, inputs: Any) -> Any:
        """Compute."""
        tensors = inputs if isinstance(inputs, list | tuple) else [inputs]
        result = _FUNCTIONS[self.kind](*tensors, **self.options)
        return result if self.activation is None else _FUNCTIONS[self.activation](result)


def make_layer(primitive: Primitive, name: str, input_shape: Any) -> Any:
    """A tf_keras layer that computes the primitive, with its weights.

    Args:
        primitive: Any but an input.
        name: Name of the layer.
        input_shape: That of its (first) input, with the batch axis.
    """
    if primitive.kind not in _WEIGHT:
        return Operation(primitive, name)
    kernel = primitive.weights[0]
    common: dict[str, Any] = {
        "name": name,
        "use_bias": len(primitive.weights) > 1,
        "activation": None if primitive.activation is None else _FUNCTIONS[primitive.activation],
        **primitive.options,
    }
    if primitive.kind == "conv":
        layer = tf_keras.layers.Conv2D(kernel.shape[3], kernel.shape[:2], **common)
    elif primitive.kind == "depthwise":
        layer = tf_keras.layers.DepthwiseConv2D(
            kernel.shape[:2], depth_multiplier=kernel.shape[3], **common
        )
    else:
        layer = tf_keras.layers.Dense(kernel.shape[1], **common)
    with tf.name_scope(name):
        layer.build(input_shape)
    layer.set_weights(primitive.weights)
    return layer


def weight_name(primitive: Primitive) -> str | None:
    """Name of the attribute of the layer that holds the kernel."""
    return _WEIGHT.get(primitive.kind)
