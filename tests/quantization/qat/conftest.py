"""A small trained network on an easy task, its clips in memory, and its twin."""

from collections.abc import Callable, Iterable

import keras
import numpy as np
import pytest
from keras import layers

from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.qat.calibration import calibrate
from dssd_tf.quantization.qat.twin import Twin, make_twin
from dssd_tf.training.clip_table import ClipTable

CLASSES, SHAPE = 4, (12, 12, 2)


class ArrayStore:
    """The interface of a feature store over an array."""

    shape = SHAPE
    domain = "features"

    def __init__(self, features: np.ndarray):
        self.features = features

    def positions(self, filenames: Iterable[str]) -> np.ndarray:
        return np.array([int(name) for name in filenames], dtype=np.int64)

    def read(self, positions: np.ndarray) -> tuple[np.ndarray]:
        return (self.features[positions],)


def _task(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Each class is brighter in another band."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % CLASSES
    features = random.standard_normal((count, *SHAPE)).astype(np.float32)
    for index, label in enumerate(labels):
        features[index, :, 3 * label] += 1.5
    return features, labels


@pytest.fixture(scope="session")
def task() -> Callable[[int, int], tuple[np.ndarray, np.ndarray]]:
    """Features (clips, 12, 12, 2) and labels of so many clips, by a seed."""
    return _task


@pytest.fixture(scope="session")
def table() -> Callable[..., ClipTable]:
    """The same as a table of clips, with further arrays that travel along."""

    def make(count: int, seed: int, **arrays: np.ndarray) -> ClipTable:
        features, labels = _task(count, seed)
        names = list(map(str, range(count)))
        return ClipTable(ArrayStore(features), names, labels, CLASSES, arrays=arrays)

    return make


@pytest.fixture(scope="session")
def trained() -> keras.Model:
    """A network with most primitives that has learned the task."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input(SHAPE, name="features")
    x = layers.Conv2D(8, 3, padding="same", use_bias=False, name="stem")(inputs)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.8, name="stem_norm")(x))
    y = layers.DepthwiseConv2D(3, padding="same", dilation_rate=2, name="spread")(x)
    y = layers.Conv2D(8, 1, activation="relu", name="mix")(y)
    x = layers.ReLU()(layers.Add(name="sum")([x, y]))
    gates = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gates = layers.Conv2D(8, 1, activation="sigmoid", name="gates")(gates)
    x = layers.Multiply(name="gated")([x, gates])
    x = layers.Concatenate(name="both")([x, layers.Conv2D(4, 1, name="more")(x)])
    x = layers.MaxPooling2D((2, 1))(x)
    x = layers.Flatten()(layers.Cropping2D(((1, 1), (0, 0)))(x))
    model = keras.Model(inputs, layers.Dense(CLASSES, name="logits")(x), name="small")
    features, labels = _task(240, 1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss)
    model.fit(features, labels, batch_size=24, epochs=5, verbose=0)
    return model


@pytest.fixture
def twin(trained: keras.Model) -> Twin:
    """The twin of the trained network, calibrated on clips of the task."""
    twin = make_twin(deploy_form(trained))
    calibrate(twin, _task(64, 1)[0], show=False)
    return twin
