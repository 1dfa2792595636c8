"""Convolution, batch normalization, ReLU, padded alike on both sides."""

from typing import Any

import keras

from dssd_tf.layers import StridedDepthwiseConv
from dssd_tf.layers.normalization import batch_normalization


def conv_bn_relu(
    x: Any,
    filters: int | None,
    kernel_size: int,
    *,
    strides: int | tuple[int, int] = 1,
    padding: int | None = None,
    groups: int = 1,
    activation: bool = True,
    name: str,
) -> Any:
    """Convolution without bias, batch normalization and, unless told not to, ReLU.

    `filters` None makes it depthwise. `padding` zeros go on every side, by default half the
    kernel: a strided kernel then lies as in the authors' code, which Keras's "same" does not
    give.
    """
    padding = kernel_size // 2 if padding is None else padding
    if padding:
        x = keras.layers.ZeroPadding2D(padding, name=f"{name}_pad")(x)
    if filters is None:
        conv = StridedDepthwiseConv(
            kernel_size, strides=strides, use_bias=False, name=f"{name}_conv"
        )
    else:
        conv = keras.layers.Conv2D(
            filters,
            kernel_size,
            strides=strides,
            groups=groups,
            use_bias=False,
            name=f"{name}_conv",
        )
    x = batch_normalization(name=f"{name}_norm")(conv(x))
    return keras.layers.ReLU(name=f"{name}_relu")(x) if activation else x
