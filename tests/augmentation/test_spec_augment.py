from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dssd_tf.augmentation import SpecAugment
from dssd_tf.augmentation.spec_augment import stripes

SEEDS = st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))


def _runs(row: np.ndarray) -> int:
    """Runs of true in a row."""
    return int(np.sum(np.diff(np.concatenate([[0], row.astype(int)])) == 1))


@settings(max_examples=30, deadline=None)
@given(
    clips=st.integers(1, 5),
    size=st.integers(1, 30),
    count=st.integers(0, 3),
    width=st.integers(0, 40),
    seed=SEEDS,
)
def test_stripes_are_as_many_and_as_wide_as_allowed(
    clips: int, size: int, count: int, width: int, seed: tuple[int, int]
) -> None:
    covered = np.asarray(stripes(clips, size, count, width, seed))
    assert covered.shape == (clips, size)
    assert (covered.sum(axis=1) <= count * width).all()
    assert all(_runs(row) <= count for row in covered)


def test_widths_and_places_are_uniform() -> None:
    covered = np.asarray(stripes(6000, 7, 1, 3, (1, 2)))
    widths = covered.sum(axis=1)
    # Four standard errors of a share of a quarter, then of a fifth among a quarter.
    assert np.abs(np.bincount(widths) / 6000 - 0.25).max() < 4 * np.sqrt(0.1875 / 6000)
    starts = covered[widths == 3].argmax(axis=1)
    assert set(starts) == set(range(5))
    assert np.abs(np.bincount(starts) / len(starts) - 0.2).max() < 4 * np.sqrt(0.16 / len(starts))


def _apply(augment: SpecAugment, x: np.ndarray, seed: tuple[int, int] = (1, 2)) -> np.ndarray:
    return np.asarray(augment({"x": tf.constant(x)}, seed=seed)["x"])


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_whole_stripes_of_all_channels_are_blanked_and_the_rest_is_kept(
    seed: tuple[int, int],
) -> None:
    x = np.random.default_rng(0).uniform(1, 2, (4, 12, 9, 2)).astype(np.float32)
    augment = SpecAugment(time_masks=2, time_width=3, mel_masks=1, mel_width=4)
    found = _apply(augment, x, seed)
    blank = found == 0
    np.testing.assert_array_equal(found[~blank], x[~blank])
    np.testing.assert_array_equal(blank[..., 0], blank[..., 1])
    frames, bands = blank[..., 0].all(axis=2), blank[..., 0].all(axis=1)
    np.testing.assert_array_equal(blank[..., 0], frames[:, :, None] | bands[:, None, :])
    assert (frames.sum(axis=1) <= 6).all()
    assert (bands.sum(axis=1) <= 4).all()


def test_clips_are_masked_each_in_its_own_way() -> None:
    x = np.ones((20, 30, 20, 1), np.float32)
    found = _apply(SpecAugment(time_width=8, mel_width=8), x)
    assert len({clip.tobytes() for clip in found}) > 15


def test_the_mean_is_that_of_the_clip_and_channel() -> None:
    x = np.random.default_rng(0).uniform(1, 2, (3, 6, 5, 2)).astype(np.float32)
    settings: dict[str, Any] = {"time_width": 6, "mel_width": 5}
    blank = _apply(SpecAugment(**settings), x) == 0
    found = _apply(SpecAugment(**settings, fill="mean"), x)
    expected = np.broadcast_to(x.mean(axis=(1, 2), keepdims=True), x.shape)
    assert blank.any()
    np.testing.assert_allclose(found[blank], expected[blank], rtol=1e-6)
    np.testing.assert_array_equal(found[~blank], x[~blank])


@pytest.mark.parametrize(
    "setting",
    [{"time_masks": 0, "mel_masks": 0}, {"time_width": 0, "mel_width": 0}],
)
def test_no_stripes_is_the_identity(setting: dict[str, int]) -> None:
    x = np.random.default_rng(0).standard_normal((3, 6, 5, 2)).astype(np.float32)
    np.testing.assert_array_equal(_apply(SpecAugment(**setting), x), x)


@pytest.mark.parametrize("setting", [{"time_masks": -1}, {"mel_width": -1}, {"fill": "max"}])
def test_settings_out_of_range(setting: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(setting))):
        SpecAugment.model_validate(setting)
