"""Clips in memory, and a network that learns them in a few epochs."""

import os
from collections.abc import Callable, Iterable

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

from dssd_tf.training.clip_table import ClipTable

CLASSES, SHAPE = 3, (8, 8, 1)


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


@pytest.fixture(scope="session")
def clips() -> Callable[..., ClipTable]:
    """Make a table of clips; each class is brighter in another band."""

    def make(
        count: int, seed: int, store: Callable[[np.ndarray], ArrayStore] = ArrayStore
    ) -> ClipTable:
        random = np.random.default_rng(seed)
        labels = np.arange(count) % CLASSES
        features = random.standard_normal((count, *SHAPE)).astype(np.float32)
        for index, label in enumerate(labels):
            features[index, :, 2 * label] += 2
        return ClipTable(store(features), list(map(str, range(count))), labels, CLASSES)

    return make


@pytest.fixture(scope="session")
def array_store() -> type[ArrayStore]:
    return ArrayStore


@pytest.fixture(scope="session")
def make_model() -> Callable[[], keras.Model]:
    """A network with all that has a state: normalization, dropout, weights."""

    def make() -> keras.Model:
        inputs = keras.Input(SHAPE)
        x = keras.layers.Conv2D(4, 3, strides=2, use_bias=False, name="conv")(inputs)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
        x = keras.layers.Dropout(0.3)(keras.layers.Flatten()(x))
        return keras.Model(inputs, keras.layers.Dense(CLASSES, name="logits")(x))

    return make
