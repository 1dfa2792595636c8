"""The CP-Mobile family: inverted bottlenecks under a limited receptive field."""

from typing import Any

import keras

from dssd_tf.layers import GlobalResponseNorm
from dssd_tf.layers.normalization import batch_normalization
from dssd_tf.models.conv_block import conv_bn_relu
from dssd_tf.models.pooled_head import pooled_head
from dssd_tf.models.registry import register

_STAGE_BLOCKS = (3, 2, 1)


def CPMobile(
    *,
    input_shape: tuple[int, int, int] = (64, 256, 1),
    classes: int = 10,
    base_width: int = 32,
    width_multiplier: float = 2.3,
    expansion: float = 3.0,
    strides: dict[int, tuple[int, int]] | None = None,
    response_norm: bool = True,
    classifier_activation: str | None = None,
    name: str = "cp_mobile",
) -> keras.Model:
    """CP-Mobile, the network of the 2023 winner and, simplified, of the 2024 and 2025 baseline.

    A stem of two strided convolutions, six inverted-bottleneck blocks in three stages, a 1x1
    convolution to the classes, global average pooling. Widths grow by `width_multiplier` a
    stage and are rounded to multiples of 8.

    Input: (batch, time, frequency, channels). Output: (batch, classes) logits.

    Source: Schmid et al., DCASE 2023 Task 1 technical report; DCASE 2024 Task 1 baseline.

    Args:
        input_shape: (time, frequency, channels).
        classes: Outputs.
        base_width: Channels of the first stage.
        width_multiplier: Growth of the channels from stage to stage.
        expansion: Expanded channels of a block over its input channels.
        strides: (time, frequency) stride by block number, from 1; others are (1, 1).
        response_norm: Global response normalization before each block's last ReLU.
        classifier_activation: None for logits, or "softmax".
        name: Name of the model.
    """
    strides = {2: (2, 2), 4: (1, 2)} if strides is None else strides
    strides = {int(block): (stride[0], stride[1]) for block, stride in strides.items()}
    inputs = keras.Input(input_shape, name="features")
    x = conv_bn_relu(inputs, base_width // 4, 3, strides=2, name="stem1")
    x = conv_bn_relu(x, base_width, 3, strides=2, name="stem2")
    block = 0
    for stage, count in enumerate(_STAGE_BLOCKS):
        width = round_width(base_width * width_multiplier**stage)
        for _ in range(count):
            block += 1
            x = _inverted_bottleneck(
                x,
                width,
                round_width(x.shape[-1] * expansion),
                strides.get(block, (1, 1)),
                response_norm,
                f"block{block}",
            )
    x = pooled_head(x, classes, classifier_activation)
    return keras.Model(inputs, x, name=name)


def round_width(width: float, divisor: int = 8) -> int:
    """The multiple of `divisor` nearest to `width`, never below nine tenths of it."""
    rounded = max(divisor, int(width + divisor / 2) // divisor * divisor)
    return rounded if rounded >= 0.9 * width else rounded + divisor


def _inverted_bottleneck(
    x: Any, width: int, expanded: int, strides: tuple[int, int], response_norm: bool, name: str
) -> Any:
    shortcut = None
    if x.shape[-1] == width:
        shortcut = x
        if strides != (1, 1):
            padded = keras.layers.ZeroPadding2D(1, name=f"{name}_shortcut_pad")(x)
            shortcut = keras.layers.AveragePooling2D(3, strides=strides, name=f"{name}_shortcut")(
                padded
            )
    y = conv_bn_relu(x, expanded, 1, name=f"{name}_expand")
    y = conv_bn_relu(y, None, 3, strides=strides, name=f"{name}_depthwise")
    y = keras.layers.Conv2D(width, 1, use_bias=False, name=f"{name}_project")(y)
    y = batch_normalization(name=f"{name}_project_norm")(y)
    if shortcut is not None:
        y = keras.layers.Add(name=f"{name}_add")([y, shortcut])
    if response_norm:
        y = GlobalResponseNorm(name=f"{name}_response_norm")(y)
    return keras.layers.ReLU(name=f"{name}_relu")(y)


register("cp_mobile", CPMobile, "CP-Mobile at 128 k, the 2023 winner's network")
# Rate, frames and offset of the logarithm are the organisers'; scale and norm of the mel bands
# and the standardisation are this package's defaults.
register(
    "baseline_2024",
    CPMobile,
    "DCASE 2024 and 2025 baseline",
    features={
        "sampling_rate": 32000,
        "n_fft": 4096,
        "win_length": 3072,
        "hop_length": 500,
        "log_offset": 1e-5,
        "deltas": False,
    },
    input_shape=(65, 256, 1),
    width_multiplier=1.8,
    expansion=2.1,
    strides={3: (2, 1), 4: (1, 2)},
    response_norm=False,
)
