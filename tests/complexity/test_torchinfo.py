"""The torchinfo rule against torchinfo itself; skipped without torch and torchinfo.

Each case builds one layer or network twice: in Keras, channels last, and in PyTorch, channels
first. torchinfo counts at batch 1, as the organisers of DCASE 2024 and 2025 have it count.
"""

from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import layers

from dssd_tf.complexity import measure

Case = tuple[Callable[[], Any], Callable[[Any], Any], tuple[int, ...]]
Count = Callable[..., tuple[int, int]]

IMAGE, SEQUENCE, VECTOR = (12, 9, 4), (11, 4), (6,)

# The layer in Keras, the same from torch.nn, and the shape of the Keras input.
WITH_PARAMETERS: dict[str, Case] = {
    "conv2d": (lambda: layers.Conv2D(8, 3), lambda nn: nn.Conv2d(4, 8, 3), IMAGE),
    "conv2d_without_bias": (
        lambda: layers.Conv2D(8, 3, use_bias=False),
        lambda nn: nn.Conv2d(4, 8, 3, bias=False),
        IMAGE,
    ),
    "conv2d_1x1": (lambda: layers.Conv2D(5, 1), lambda nn: nn.Conv2d(4, 5, 1), IMAGE),
    "conv2d_same": (
        lambda: layers.Conv2D(8, (3, 5), padding="same"),
        lambda nn: nn.Conv2d(4, 8, (3, 5), padding="same"),
        IMAGE,
    ),
    "conv2d_same_strided": (
        lambda: layers.Conv2D(8, 3, strides=(2, 1), padding="same"),
        lambda nn: nn.Conv2d(4, 8, 3, stride=(2, 1), padding=1),
        IMAGE,
    ),
    "conv2d_valid_strided": (
        lambda: layers.Conv2D(8, (5, 3), strides=(3, 2), use_bias=False),
        lambda nn: nn.Conv2d(4, 8, (5, 3), stride=(3, 2), bias=False),
        IMAGE,
    ),
    "conv2d_dilated": (
        lambda: layers.Conv2D(8, 3, dilation_rate=(2, 3)),
        lambda nn: nn.Conv2d(4, 8, 3, dilation=(2, 3)),
        IMAGE,
    ),
    "conv2d_grouped": (
        lambda: layers.Conv2D(6, 3, groups=2, padding="same"),
        lambda nn: nn.Conv2d(4, 6, 3, groups=2, padding="same"),
        IMAGE,
    ),
    "conv2d_grouped_strided_without_bias": (
        lambda: layers.Conv2D(8, (3, 1), strides=(1, 2), groups=4, use_bias=False),
        lambda nn: nn.Conv2d(4, 8, (3, 1), stride=(1, 2), groups=4, bias=False),
        IMAGE,
    ),
    "depthwise": (
        lambda: layers.DepthwiseConv2D(3, padding="same"),
        lambda nn: nn.Conv2d(4, 4, 3, groups=4, padding="same"),
        IMAGE,
    ),
    "depthwise_strided_without_bias": (
        lambda: layers.DepthwiseConv2D(3, strides=2, use_bias=False),
        lambda nn: nn.Conv2d(4, 4, 3, stride=2, groups=4, bias=False),
        IMAGE,
    ),
    "depthwise_multiplied_dilated": (
        lambda: layers.DepthwiseConv2D((3, 2), depth_multiplier=3, dilation_rate=2),
        lambda nn: nn.Conv2d(4, 12, (3, 2), groups=4, dilation=2),
        IMAGE,
    ),
    # Keras adds one bias, after the pointwise kernel.
    "separable": (
        lambda: layers.SeparableConv2D(7, 3, strides=2, padding="same"),
        lambda nn: nn.Sequential(
            nn.Conv2d(4, 4, 3, stride=2, groups=4, padding=1, bias=False), nn.Conv2d(4, 7, 1)
        ),
        IMAGE,
    ),
    "conv1d": (
        lambda: layers.Conv1D(7, 3, strides=2),
        lambda nn: nn.Conv1d(4, 7, 3, stride=2),
        SEQUENCE,
    ),
    "conv1d_causal_dilated_grouped": (
        lambda: layers.Conv1D(6, 3, padding="causal", dilation_rate=2, groups=2, use_bias=False),
        lambda nn: nn.Sequential(
            nn.ConstantPad1d((4, 0), 0.0), nn.Conv1d(4, 6, 3, dilation=2, groups=2, bias=False)
        ),
        SEQUENCE,
    ),
    "depthwise1d": (
        lambda: layers.DepthwiseConv1D(3, depth_multiplier=2),
        lambda nn: nn.Conv1d(4, 8, 3, groups=4),
        SEQUENCE,
    ),
    "conv3d": (lambda: layers.Conv3D(3, 2), lambda nn: nn.Conv3d(2, 3, 2), (5, 4, 6, 2)),
    "batch_normalization_2d": (
        lambda: layers.BatchNormalization(),
        lambda nn: nn.BatchNorm2d(4),
        IMAGE,
    ),
    "batch_normalization_1d": (
        lambda: layers.BatchNormalization(),
        lambda nn: nn.BatchNorm1d(4),
        SEQUENCE,
    ),
    "dense": (lambda: layers.Dense(5), lambda nn: nn.Linear(6, 5), VECTOR),
    "dense_without_bias": (
        lambda: layers.Dense(5, use_bias=False),
        lambda nn: nn.Linear(6, 5, bias=False),
        VECTOR,
    ),
    "prelu": (lambda: layers.PReLU(shared_axes=(1, 2)), lambda nn: nn.PReLU(4), IMAGE),
}

WITHOUT_PARAMETERS: dict[str, Case] = {
    "batch_normalization_without_scale_and_shift": (
        lambda: layers.BatchNormalization(scale=False, center=False),
        lambda nn: nn.BatchNorm2d(4, affine=False),
        IMAGE,
    ),
    "max_pooling": (lambda: layers.MaxPooling2D(2), lambda nn: nn.MaxPool2d(2), IMAGE),
    "average_pooling": (
        lambda: layers.AveragePooling2D(3, strides=1),
        lambda nn: nn.AvgPool2d(3, stride=1),
        IMAGE,
    ),
    "global_average_pooling": (
        lambda: layers.GlobalAveragePooling2D(),
        lambda nn: nn.AdaptiveAvgPool2d(1),
        IMAGE,
    ),
    "relu": (lambda: layers.ReLU(), lambda nn: nn.ReLU(), IMAGE),
    "gelu": (lambda: layers.Activation("gelu"), lambda nn: nn.GELU(), IMAGE),
    "softmax": (lambda: layers.Softmax(), lambda nn: nn.Softmax(1), IMAGE),
    "dropout": (lambda: layers.Dropout(0.3), lambda nn: nn.Dropout(0.3), IMAGE),
    "zero_padding": (lambda: layers.ZeroPadding2D(2), lambda nn: nn.ZeroPad2d(2), IMAGE),
    "flatten": (lambda: layers.Flatten(), lambda nn: nn.Flatten(), IMAGE),
}


def channels_first(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[-1], *shape[:-1])


@pytest.mark.parametrize("case", WITH_PARAMETERS.values(), ids=WITH_PARAMETERS)
def test_layer_with_parameters(by_us, case, torch, by_torchinfo):
    in_keras, in_torch, shape = case
    theirs = by_torchinfo(in_torch(torch.nn), channels_first(shape))
    assert by_us(in_keras(), shape) == theirs
    assert min(theirs) > 0


@pytest.mark.parametrize("case", WITHOUT_PARAMETERS.values(), ids=WITHOUT_PARAMETERS)
def test_layer_without_parameters_costs_nothing(by_us, case, torch, by_torchinfo):
    in_keras, in_torch, shape = case
    theirs = by_torchinfo(in_torch(torch.nn), channels_first(shape))
    assert by_us(in_keras(), shape) == theirs == (0, 0)


def test_dense_on_a_sequence_counts_once_though_it_runs_at_each_step(torch, by_torchinfo):
    inputs = keras.Input((7, 4))
    found = measure(keras.Model(inputs, layers.Dense(5)(inputs)))
    theirs = by_torchinfo(torch.nn.Linear(4, 5), (7, 4))
    assert (found.parameters, found.macs_torchinfo) == theirs == (25, 25)
    assert found.macs == 7 * 4 * 5


def test_small_network(by_us, torch, by_torchinfo):
    nn = torch.nn

    def in_keras(x):
        x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.DepthwiseConv2D(3, padding="same")(x)
        x = layers.MaxPooling2D(2)(layers.ReLU()(x))
        x = layers.Conv2D(12, (1, 3), groups=4, dilation_rate=(1, 2))(x)
        x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
        return layers.Softmax()(layers.Dense(10)(x))

    in_torch = nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1, groups=8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 12, (1, 3), groups=4, dilation=(1, 2)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(12, 10),
        nn.Softmax(1),
    )
    assert by_us(in_keras, (40, 33, 1)) == by_torchinfo(in_torch, (1, 40, 33))


def test_nested_network_with_a_shared_layer(by_us, torch, by_torchinfo):
    nn = torch.nn
    open_size = keras.Input((None, None, 4))
    conv = layers.Conv2D(4, 3, padding="same")
    inner = keras.Model(open_size, layers.ReLU()(conv(open_size)))
    block = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU())
    theirs = by_torchinfo(nn.Sequential(block, nn.MaxPool2d(2), block), (4, 12, 9))
    assert by_us(lambda x: inner(layers.MaxPooling2D(2)(inner(x))), IMAGE) == theirs
    one_call = 4 * 4 * 9 + 4
    assert theirs == (one_call, one_call * (12 * 9 + 6 * 4))


def test_layer_that_is_never_called_has_parameters_only(by_us, torch, by_torchinfo):
    class InKeras(keras.Model):
        def __init__(self):
            super().__init__()
            self.used, self.spare = layers.Dense(3), layers.Dense(2)
            self.spare.build((None, 4))

        def call(self, x):
            return self.used(x)

    class InTorch(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.spare = torch.nn.Linear(4, 3), torch.nn.Linear(4, 2)

        def forward(self, x):
            return self.used(x)

    theirs = by_torchinfo(InTorch(), (4,))
    assert by_us(InKeras(), (4,)) == theirs == (15 + 10, 15)


def test_frozen_layer_counts_as_before(by_us, torch, by_torchinfo):
    module = torch.nn.Conv2d(4, 8, 3).requires_grad_(False)
    layer = layers.Conv2D(8, 3, trainable=False)
    assert by_us(layer, IMAGE) == by_torchinfo(module, channels_first(IMAGE))
