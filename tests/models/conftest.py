"""A network small enough to be built and saved in a moment."""

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

from dssd_tf.models import create_model


@pytest.fixture(scope="session")
def narrow() -> dict[str, Any]:
    """Arguments of a network with two blocks of 8 channels on a grid of 16 x 16."""
    return {"input_shape": (16, 16, 1), "pattern": "SF", "widths": (8, 8), "classes": 3}


@pytest.fixture
def narrow_model(narrow: dict[str, Any]) -> keras.Model:
    """A narrow DSSDN with random weights."""
    keras.utils.set_random_seed(3)
    return create_model("dssdn_large", **narrow)


@pytest.fixture(scope="session")
def batch() -> np.ndarray:
    """Two inputs (clip, time, frequency, channel) of the narrow network."""
    return np.random.default_rng(0).normal(size=(2, 16, 16, 1)).astype("float32")


@pytest.fixture(scope="session")
def figures() -> Callable[[keras.Model], tuple[int, int]]:
    """Trainable parameters and multiply-adds by the torchinfo rule, of a whole model."""
    from dssd_tf.complexity import measure

    def count(model: keras.Model) -> tuple[int, int]:
        found = measure(model)
        assert found.uncounted == () and found.macs_torchinfo is not None
        return found.parameters, found.macs_torchinfo

    return count
