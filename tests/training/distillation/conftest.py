"""Small networks and random clips."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

CLASSES, SHAPE = 4, (6, 8, 1)


@pytest.fixture(scope="session")
def network() -> Callable[..., keras.Model]:
    """Make a network of one convolution; a seed gives the same weights each time."""

    def make(
        seed: int = 0,
        *,
        width: int = 3,
        outputs: int = CLASSES,
        strides: int = 1,
        norm: bool = False,
        dropout: float = 0.0,
    ) -> keras.Model:
        keras.utils.set_random_seed(seed)
        inputs = keras.Input(SHAPE)
        x = keras.layers.Conv2D(width, 3, strides=strides, activation="relu", name="conv")(inputs)
        if norm:
            x = keras.layers.BatchNormalization(name="norm")(x)
        x = keras.layers.Dropout(dropout)(keras.layers.Flatten(name="flat")(x))
        outputs = keras.layers.Dense(outputs, dtype="float32", name="logits")(x)
        return keras.Model(inputs, outputs, name=f"network_{seed}")

    return make


@pytest.fixture(scope="session")
def clips() -> tuple[np.ndarray, np.ndarray]:
    """(features (12, 6, 8, 1), one-hot labels (12, 4))."""
    random = np.random.default_rng(1)
    features = random.standard_normal((12, *SHAPE)).astype(np.float32)
    return features, np.eye(CLASSES, dtype=np.float32)[random.integers(CLASSES, size=12)]
