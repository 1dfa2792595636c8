"""Random small networks, counted by a closed form, from Keras and from the converted file.

The closed form knows only the layers' settings, so none of the three can borrow another's
mistakes. Left out is what cannot be built or what the converter computes otherwise than Keras:

- strides together with dilation, and unequal strides of a depthwise convolution: TensorFlow
  refuses them;
- BatchNormalization: it becomes the bias of the convolution before it;
- two dense layers without an activation between them: the first one's bias moves into the second.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from dssd_tf.complexity import Complexity, measure
from dssd_tf.quantization.converter import convert


@dataclass
class Drawn:
    """A network that grows layer by layer, with its true cost by closed form."""

    random: np.random.Generator
    biases: bool
    shape: tuple[int, ...]
    layers: list[Any] = field(default_factory=list)
    parameters: int = 0
    macs: int = 0

    def pick(self, *options: Any) -> Any:
        return options[self.random.integers(len(options))]

    def bias(self) -> bool:
        return self.biases or self.pick(True, False)

    def slide(self, kernel: Any, strides: Any, dilation: Any, padding: str) -> int:
        """Move a window over both axes of the image; the positions that it takes."""
        sizes = []
        for size, k, stride, d in zip(self.shape[:2], kernel, strides, dilation, strict=True):
            free = size if padding == "same" else size - d * (k - 1)
            sizes.append(-(-free // stride))
        self.shape = (*sizes, self.shape[2])
        return math.prod(sizes)

    def pay(self, kernel: int, bias: int, positions: int) -> None:
        self.parameters += kernel + bias
        self.macs += kernel * positions

    def convolution(self) -> None:
        channels = self.shape[2]
        groups = self.pick(*(g for g in (1, 1, 2, 3, 4) if channels % g == 0))
        filters = groups * self.pick(2, 3)
        kernel = self.pick((1, 1), (3, 3), (1, 3), (3, 2))
        strides = self.pick((1, 1), (1, 1), (2, 2), (1, 2))
        dilation = self.pick((1, 1), (2, 2), (1, 2)) if strides == (1, 1) else (1, 1)
        padding, bias = self.pick("same", "valid"), self.bias()
        self.layers.append(
            layers.Conv2D(
                filters,
                kernel,
                strides,
                padding,
                dilation_rate=dilation,
                groups=groups,
                use_bias=bias,
            )
        )
        positions = self.slide(kernel, strides, dilation, padding)
        weights = math.prod(kernel) * (channels // groups) * filters
        self.pay(weights, filters * bias, positions)
        self.shape = (*self.shape[:2], filters)

    def depthwise(self) -> None:
        multiplier, kernel = self.pick(1, 1, 2), self.pick((3, 3), (1, 3), (2, 2))
        strides = self.pick((1, 1), (2, 2))
        dilation = self.pick((1, 1), (2, 2), (1, 2)) if strides == (1, 1) else (1, 1)
        padding, bias = self.pick("same", "valid"), self.bias()
        self.layers.append(
            layers.DepthwiseConv2D(
                kernel, strides, padding, multiplier, dilation_rate=dilation, use_bias=bias
            )
        )
        positions = self.slide(kernel, strides, dilation, padding)
        channels = self.shape[2] * multiplier
        self.pay(math.prod(kernel) * channels, channels * bias, positions)
        self.shape = (*self.shape[:2], channels)

    def pooling(self) -> None:
        kind = self.pick(layers.MaxPooling2D, layers.AveragePooling2D)
        size, strides = self.pick((2, 2), (1, 2), (3, 3)), self.pick((1, 1), (2, 2))
        padding = self.pick("same", "valid")
        self.layers.append(kind(size, strides, padding))
        self.slide(size, strides, (1, 1), padding)

    def head(self) -> None:
        if self.pick(True, False):
            self.layers.append(layers.GlobalAveragePooling2D())
            self.shape = self.shape[2:]
        else:
            self.layers.append(layers.Flatten())
            self.shape = (math.prod(self.shape),)
        for units in (self.pick(5, 8), 10):
            bias = self.bias()
            self.layers.append(layers.Dense(units, "relu", use_bias=bias))
            self.pay(self.shape[0] * units, units * bias, 1)
            self.shape = (units,)


def fill(model: keras.Model, seed: int = 1) -> keras.Model:
    """No weight zero and no two layers' alike: the file keeps one copy of equal constants."""
    random = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(random.uniform(0.1, 1.0, weight.shape))
    return model


@pytest.fixture
def as_tflite(tmp_path: Path) -> Callable[[keras.Model], Complexity]:
    """The figures of a model's float32 file."""

    def count(model: keras.Model) -> Complexity:
        content = convert(model, "float32", lambda c: setattr(c, "optimizations", []))
        path = tmp_path / f"{model.name}.tflite"
        path.write_bytes(content)
        return measure(path)

    return count


def draw(seed: int) -> tuple[keras.Model, Drawn]:
    """Odd seeds leave out some biases."""
    random = np.random.default_rng(seed)
    shape = tuple(int(size) for size in (*random.integers(16, 24, 2), random.choice((1, 4, 6))))
    drawn = Drawn(random, biases=seed % 2 == 0, shape=shape)
    parts = [drawn.convolution, drawn.convolution, drawn.depthwise, drawn.depthwise, drawn.pooling]
    for _ in range(5):
        drawn.pick(*parts)()
        if drawn.pick(True, False):
            drawn.layers.append(layers.ReLU())
        if min(drawn.shape[:2]) < 6:
            break
    drawn.head()
    inputs = x = keras.Input(shape)
    for layer in drawn.layers:
        x = layer(x)
    return fill(keras.Model(inputs, x, name=f"drawn_{seed}"), seed), drawn


SEEDS = range(12)


# A conversion takes a second; four of them are enough for every day.
@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.slow] * (seed > 3)) for seed in SEEDS]
)
def test_random_network(seed, as_tflite):
    model, drawn = draw(seed)
    in_keras, in_file = measure(model), as_tflite(model)
    assert model.output_shape == (None, *drawn.shape)
    assert in_keras.uncounted == in_file.uncounted == ()
    assert drawn.macs == in_keras.macs == in_file.macs
    assert drawn.parameters == in_keras.parameters == in_keras.parameters_nonzero
    # A convolution without a bias gets one of zeros in the file, maybe shared with another's.
    assert drawn.parameters == in_file.parameters_nonzero
    assert in_file.parameters == drawn.parameters or not drawn.biases


def test_the_draws_hold_every_setting():
    drawn = [layer for seed in SEEDS for layer in draw(seed)[1].layers]
    convolutions = [layer for layer in drawn if type(layer) is layers.Conv2D]
    depthwise = [layer for layer in drawn if type(layer) is layers.DepthwiseConv2D]
    assert {type(layer) for layer in drawn} >= {
        layers.MaxPooling2D,
        layers.AveragePooling2D,
        layers.GlobalAveragePooling2D,
        layers.Flatten,
        layers.ReLU,
    }
    assert {layer.groups for layer in convolutions} >= {1, 2, 3}
    assert {layer.depth_multiplier for layer in depthwise} == {1, 2}
    for kind in (convolutions, depthwise):
        assert {layer.padding for layer in kind} == {"same", "valid"}
        assert {layer.use_bias for layer in kind} == {True, False}
        assert {layer.strides for layer in kind} >= {(1, 1), (2, 2)}
        assert {layer.dilation_rate for layer in kind} == {(1, 1), (1, 2), (2, 2)}


def test_nested_network(as_tflite):
    open_size = keras.Input((None, None, 3))
    x = layers.Conv2D(4, 3, groups=1, activation="relu", name="spatial")(open_size)
    inner = keras.Model(open_size, layers.Conv2D(6, 1, name="mix")(x), name="inner")
    inputs = keras.Input((9, 8, 3))
    x = layers.Flatten()(inner(layers.MaxPooling2D((1, 2))(inputs)))
    model = fill(keras.Model(inputs, layers.Dense(5)(x), name="nested"))
    in_keras, in_file = measure(model), as_tflite(model)
    positions = (9 - 2) * (4 - 2)
    macs = positions * (9 * 3 * 4 + 4 * 6) + positions * 6 * 5
    parameters = (9 * 3 * 4 + 4) + (4 * 6 + 6) + (positions * 6 * 5 + 5)
    assert macs == in_keras.macs == in_file.macs
    assert parameters == in_keras.parameters == in_file.parameters


def test_layer_called_twice_multiplies_twice_and_is_stored_once(as_tflite):
    inputs = keras.Input((10, 6, 4))
    conv = layers.Conv2D(4, 3, padding="same", activation="relu")
    x = layers.Flatten()(conv(layers.MaxPooling2D(2)(conv(inputs))))
    model = fill(keras.Model(inputs, layers.Dense(3)(x), name="shared"))
    in_keras, in_file = measure(model), as_tflite(model)
    macs = 9 * 4 * 4 * (10 * 6 + 5 * 3) + 60 * 3
    parameters = (9 * 4 * 4 + 4) + (60 * 3 + 3)
    assert macs == in_keras.macs == in_file.macs
    assert parameters == in_keras.parameters == in_file.parameters


def test_custom_layer_without_a_rule_is_named_and_the_rest_counts(as_tflite):
    class Mixture(layers.Layer):
        def build(self, shape):
            self.mix = self.add_weight(shape=(shape[-1], 7))

        def call(self, x):
            return keras.ops.matmul(x, self.mix)

    inputs = keras.Input((5,))
    x = Mixture(name="mixture")(layers.Dense(6, activation="relu")(inputs))
    model = fill(keras.Model(inputs, x, name="custom"))
    in_keras, in_file = measure(model), as_tflite(model)
    assert in_keras.uncounted == ("mixture",) and in_keras.macs == 5 * 6
    # In the file it is a plain matrix product.
    assert in_file.uncounted == () and in_file.macs == 5 * 6 + 6 * 7
    assert in_keras.parameters == in_file.parameters == (30 + 6) + 6 * 7
