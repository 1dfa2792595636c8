"""What the tests of the synthetic set share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dssd_tf.data.synthesis import SynthesisSize, synthesize


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="session")
def tiny_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("synthesis") / "tiny"
    synthesize(root, seed=3, size=SynthesisSize.tiny())
    return root


@pytest.fixture
def share() -> Callable[[np.ndarray, float, float], float]:
    """The share of a signal's energy between two frequencies in Hz."""

    def measure(signal: np.ndarray, low: float, high: float) -> float:
        power = np.square(np.abs(np.fft.rfft(signal)))
        hertz = np.fft.rfftfreq(len(signal), 1 / 44_100)
        return float(power[(hertz >= low) & (hertz < high)].sum() / power.sum())

    return measure
