import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dssd_tf.augmentation import TimeRoll
from dssd_tf.augmentation.time_roll import roll_frames


@settings(max_examples=25, deadline=None)
@given(frames=st.integers(1, 12), shifts=st.lists(st.integers(-30, 30), min_size=1, max_size=4))
def test_each_clip_is_rolled_by_its_own_shift(frames: int, shifts: list[int]) -> None:
    clips = np.random.default_rng(0).standard_normal((len(shifts), frames, 3))
    rolled = roll_frames(tf.constant(clips), tf.constant(shifts))
    for clip, shift, found in zip(clips, shifts, rolled, strict=True):
        np.testing.assert_array_equal(found, np.roll(clip, shift, axis=0))


@pytest.mark.parametrize(("max_share", "most"), [(0.1, 2), (0.5, 10), (0.01, 0)])
def test_shifts_reach_the_largest_either_way_and_no_further(max_share: float, most: int) -> None:
    clips = np.broadcast_to(np.arange(20.0, dtype=np.float32)[None, :, None], (400, 20, 1))
    rolled = TimeRoll(max_share=max_share)({"x": tf.constant(clips)}, seed=(1, 2))["x"]
    # A clip rolled to the right begins with one of its last frames.
    first = (-np.asarray(rolled)[:, 0, 0]).astype(int)
    shifts = np.where(first < -10, first + 20, first)
    expected = set(range(-most, most + 1))
    assert set(shifts) == ({s for s in expected if s != 10} if most == 10 else expected)


@pytest.mark.parametrize("setting", [{"max_share": 0}, {"max_share": 0.6}, {"max_shift": 1}])
def test_settings_out_of_range(setting: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(setting))):
        TimeRoll.model_validate(setting)
