from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dssd_tf.augmentation import Gain
from dssd_tf.features import LogMelConfig, LogMelExtractor


def _gains(gain: Gain, clips: np.ndarray, seed: tuple[int, int] = (1, 2)) -> np.ndarray:
    """What was added to each value, in dB."""
    return 10 * (np.asarray(gain({"x": tf.constant(clips)}, seed=seed)["x"]) - clips)


@settings(max_examples=20, deadline=None)
@given(bounds=st.tuples(st.floats(-40, 40), st.floats(-40, 40)), seed=st.integers(0, 2**31 - 1))
def test_one_number_within_the_range_is_added_to_each_clip(
    bounds: tuple[float, float], seed: int
) -> None:
    low, high = sorted(bounds)
    clips = np.random.default_rng(0).standard_normal((5, 4, 3)).astype(np.float32)
    added = _gains(Gain(min_db=low, max_db=high), clips, (seed, 1))
    assert np.ptp(added, axis=(1, 2)).max() < 1e-3
    assert added.min() >= low - 1e-3
    assert added.max() <= high + 1e-3


def test_gains_are_uniform_over_the_range() -> None:
    added = _gains(Gain(min_db=-2, max_db=4), np.zeros((3000, 1, 1), np.float32)).ravel()
    counts, _ = np.histogram(added, bins=6, range=(-2, 4))
    assert counts.sum() == 3000
    assert np.abs(counts / 3000 - 1 / 6).max() < 4 * np.sqrt(5 / 36 / 3000)


def test_it_equals_a_gain_of_the_waveform() -> None:
    config = LogMelConfig(n_fft=256, win_length=256, hop_length=256, n_mels=8, sampling_rate=8000)
    extractor = LogMelExtractor(config)
    waveform = np.random.default_rng(0).uniform(-0.5, 0.5, 2000).astype(np.float32)
    quiet = extractor.log_mel(waveform)
    louder = extractor.log_mel(waveform * np.float32(10 ** (6 / 20)))
    found = Gain(min_db=6, max_db=6)({"x": tf.constant(quiet[None])}, seed=(1, 2))["x"]
    np.testing.assert_allclose(found[0], louder, atol=1e-4)


@pytest.mark.parametrize(
    ("setting", "message"),
    [({"min_db": 3, "max_db": 1}, "min_db 3.0 exceeds max_db 1.0"), ({"min": 3}, "min")],
)
def test_settings_out_of_range(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Gain.model_validate(setting)
