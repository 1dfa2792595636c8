"""Narrow networks with the statistics of a trained one, and one int8 file of them."""

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers

from dssd_tf.models import create_model
from dssd_tf.quantization.ptq import quantize_ptq


def _train_like(model: keras.Model) -> keras.Model:
    """Move biases and batch normalizations away from where they start."""
    random = np.random.default_rng(7)
    for weight in model.weights:
        if weight.name in ("gamma", "moving_variance"):
            weight.assign(random.uniform(0.5, 1.5, weight.shape))
        elif weight.name in ("beta", "moving_mean", "bias"):
            weight.assign(random.normal(0.0, 0.2, weight.shape))
    return model


@pytest.fixture(scope="session")
def train_like() -> Callable[[keras.Model], keras.Model]:
    """Randomise biases and batch normalizations of a model, and return it."""
    return _train_like


@pytest.fixture(scope="session")
def settle(clips: Callable[..., np.ndarray]) -> Callable[[keras.Model], keras.Model]:
    """Give a model the statistics of its own activations, and return it.

    Else what differs between clips fades in a deep network.
    """

    def settled(model: keras.Model) -> keras.Model:
        for layer in model._flatten_layers():
            if isinstance(layer, layers.BatchNormalization):
                layer.momentum = 0.0
        model(clips(4, model.input_shape[1:], seed=5), training=True)
        return model

    return settled


@pytest.fixture(scope="session")
def narrow() -> Callable[..., keras.Model]:
    """Maker of a network of the registry on a 16 x 16 grid with two blocks of 8 channels."""

    def make(name: str, pattern: str, **changes: Any) -> keras.Model:
        keras.utils.set_random_seed(5)
        settings = {"input_shape": (16, 16, 2), "widths": (8, 8), "classes": 4, **changes}
        return _train_like(create_model(name, pattern=pattern, **settings))

    return make


@pytest.fixture(scope="session")
def plain_model() -> keras.Model:
    """A model without any layer of this package."""
    keras.utils.set_random_seed(5)
    inputs = keras.Input((12, 10, 1), name="features")
    x = layers.Conv2D(6, 3, use_bias=False, name="conv")(inputs)
    x = layers.ReLU()(layers.BatchNormalization(name="norm")(x))
    x = layers.Dropout(0.5)(layers.MaxPooling2D(2)(x))
    x = layers.Dense(8, activation="relu")(layers.Flatten()(x))
    return _train_like(keras.Model(inputs, layers.Dense(3)(x), name="plain"))


@pytest.fixture(scope="session")
def clips() -> Callable[..., np.ndarray]:
    """Maker of features (clips, time, frequency, channels) whose spectra differ by clip."""

    def make(count: int, shape: tuple[int, int, int], seed: int = 0) -> np.ndarray:
        random = np.random.default_rng(seed)
        tilt = random.normal(0.0, 1.5, (count, 1, shape[1], shape[2]))
        return (tilt + random.normal(0.0, 0.7, (count, *shape))).astype("float32")

    return make


@pytest.fixture(scope="session")
def network(narrow: Callable[..., keras.Model]) -> keras.Model:
    """A narrow DSMN with both forms of the block."""
    return narrow("dsmn_sf", "SF")


@pytest.fixture(scope="session")
def int8_network(network: keras.Model, clips: Callable[..., np.ndarray]) -> bytes:
    """The narrow network in int8."""
    return quantize_ptq(network, clips(32, (16, 16, 2)))
