from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dssd_tf.augmentation import FreqMixStyle
from dssd_tf.augmentation.freq_mixstyle import mix_statistics

MakeBatch = Callable[..., dict[str, Any]]


def _clips(seed: int = 0, size: int = 6) -> np.ndarray:
    """Log-mels whose bands differ in mean and deviation."""
    random = np.random.default_rng(seed)
    style = random.uniform(0.2, 3, (2, size, 1, 5))
    return (style[0] * random.standard_normal((size, 12, 5)) - 4 * style[1]).astype(np.float32)


def _normalised(log_mel: np.ndarray) -> np.ndarray:
    mean, deviation = log_mel.mean(axis=1, keepdims=True), log_mel.std(axis=1, keepdims=True)
    return (log_mel - mean) / deviation


@settings(max_examples=20, deadline=None)
@given(data=st.data(), seed=st.integers(0, 99), size=st.integers(1, 6))
def test_statistics_are_blended_and_the_content_is_kept(
    data: st.DataObject, seed: int, size: int
) -> None:
    clips = _clips(seed, size)
    partner = np.array(data.draw(st.permutations(range(size))))
    weights = np.array(data.draw(st.lists(st.floats(0, 1), min_size=size, max_size=size)))
    mixed = np.asarray(mix_statistics(tf.constant(clips), tf.constant(weights), partner))
    own = weights[:, None]
    for statistic in (np.mean, np.std):
        before = statistic(clips, axis=1)
        expected = own * before + (1 - own) * before[partner]
        np.testing.assert_allclose(statistic(mixed, axis=1), expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(_normalised(mixed), _normalised(clips), atol=1e-3)


def test_a_weight_of_one_is_the_identity_and_of_zero_the_partners_style() -> None:
    clips, partner = _clips(), np.array([1, 2, 3, 4, 5, 0])
    same = mix_statistics(tf.constant(clips), tf.ones(6), partner)
    np.testing.assert_allclose(same, clips, atol=1e-5)
    swapped = np.asarray(mix_statistics(tf.constant(clips), tf.zeros(6), partner))
    np.testing.assert_allclose(swapped.mean(axis=1), clips[partner].mean(axis=1), atol=1e-4)


def test_a_constant_clip_takes_the_mixed_mean_and_stays_finite() -> None:
    clips = np.stack([np.full((4, 2), -10.0), np.full((4, 2), -2.0)]).astype(np.float32)
    mixed = mix_statistics(tf.constant(clips), tf.constant([0.25, 0.25]), [1, 0])
    np.testing.assert_allclose(mixed[0], np.full((4, 2), -4.0), atol=1e-5)
    np.testing.assert_allclose(mixed[1], np.full((4, 2), -8.0), atol=1e-5)


def test_weights_differ_by_clip_and_labels_stay(make_batch: MakeBatch) -> None:
    batch = {**make_batch("log_mel", 6), "x": tf.constant(_clips())}
    found = FreqMixStyle(probability=1.0, alpha=2.0)(batch, seed=(1, 2))
    for key in ("y", "device", "teacher", "weight"):
        np.testing.assert_array_equal(found[key], batch[key])
    means = np.asarray(found["x"]).mean(axis=1)
    own = _clips().mean(axis=1)
    weights = []
    for clip in range(6):
        if np.abs(means[clip] - own[clip]).max() < 1e-3:
            continue  # It is its own partner.
        others = np.delete(own, clip, axis=0)
        ratios = (means[clip] - others) / (own[clip] - others)
        # One partner and one weight explain all bands at once.
        spread = np.ptp(ratios, axis=1)
        assert spread.min() < 1e-3
        weights.append(float(ratios[spread.argmin()].mean()))
    assert len(weights) >= 3
    assert min(np.diff(sorted(weights))) > 1e-3
    assert 0 <= min(weights) <= max(weights) <= 1


@pytest.mark.parametrize("setting", [{"alpha": 0}, {"probability": 2}, {"aplha": 1}])
def test_settings_out_of_range(setting: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(setting))):
        FreqMixStyle.model_validate(setting)
