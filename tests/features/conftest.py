"""A front end small enough for short clips, and test signals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dssd_tf.features import LogMelConfig


@pytest.fixture(scope="session")
def small() -> Callable[..., LogMelConfig]:
    """Maker of a front end of 16 bands with short windows."""

    def make(**changes: Any) -> LogMelConfig:
        settings = {"n_fft": 512, "win_length": 512, "hop_length": 512, "n_mels": 16}
        return LogMelConfig(**{**settings, **changes})

    return make


@pytest.fixture(scope="session")
def noise() -> np.ndarray:
    """A quarter of a second of white noise at 44.1 kHz, (samples,), mostly in [-1, 1]."""
    return np.random.default_rng(0).normal(0.0, 0.3, 11025).astype("float32")
