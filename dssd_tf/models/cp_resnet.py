"""CP-ResNet: a residual network with a limited receptive field."""

from typing import Any

import keras

from dssd_tf.models.conv_block import conv_bn_relu
from dssd_tf.models.pooled_head import pooled_head
from dssd_tf.models.registry import register


def CPResNet(
    *,
    input_shape: tuple[int, int, int] = (43, 256, 1),
    classes: int = 10,
    widths: tuple[int, int, int] = (32, 64, 92),
    groups: int = 2,
    classifier_activation: str | None = None,
    name: str = "cp_resnet",
) -> keras.Model:
    """The receptive-field-limited residual network, at 128 k parameters by default.

    A strided 5x5 convolution and four residual blocks, with max pooling between them, over
    frequency only from the second on; a 1x1 convolution to the classes, global average pooling.

    Input: (batch, time, frequency, channels). Output: (batch, classes) logits.

    Source: Koutini et al., receptive-field-regularized CNNs (EUSIPCO 2019), as used in DCASE
    2022 and 2023 Task 1 submissions. Wider ones serve as teachers.

    Args:
        input_shape: (time, frequency, channels).
        classes: Outputs.
        widths: Channels of the first two, the third and the fourth block.
        groups: Groups of the third block's convolutions.
        classifier_activation: None for logits, or "softmax".
        name: Name of the model.
    """
    first, third, fourth = widths
    inputs = keras.Input(input_shape, name="features")
    x = conv_bn_relu(inputs, first, 5, strides=2, padding=1, name="stem")
    x = keras.layers.MaxPooling2D(2, name="pool1")(x)
    x = _residual(x, first, (3, 1), 1, "block1")
    x = keras.layers.MaxPooling2D((1, 2), name="pool2")(x)
    x = _residual(x, first, (3, 3), 1, "block2")
    x = keras.layers.MaxPooling2D((1, 2), name="pool3")(x)
    x = _residual(x, third, (3, 3), groups, "block3")
    x = _residual(x, fourth, (3, 1), 1, "block4")
    x = pooled_head(x, classes, classifier_activation)
    return keras.Model(inputs, x, name=name)


def _residual(x: Any, width: int, kernels: tuple[int, int], groups: int, name: str) -> Any:
    shortcut = x
    if x.shape[-1] != width:
        shortcut = conv_bn_relu(
            x, width, 1, groups=groups, activation=False, name=f"{name}_shortcut"
        )
    y = conv_bn_relu(x, width, kernels[0], groups=groups, name=f"{name}_1")
    y = conv_bn_relu(y, width, kernels[1], groups=groups, activation=False, name=f"{name}_2")
    y = keras.layers.Add(name=f"{name}_add")([y, shortcut])
    return keras.layers.ReLU(name=f"{name}_relu")(y)


register("cp_resnet", CPResNet, "CP-ResNet at 128 k parameters")
register(
    "cp_resnet_wide",
    CPResNet,
    "CP-ResNet with four times the channels, ungrouped: a teacher, over every limit",
    widths=(128, 256, 368),
    groups=1,
)
