import dataclasses

import pytest

from dssd_tf.augmentation import DeviceSpectrumModulation, TrainingContext


def test_clips_may_be_left_out_where_nothing_looks_at_them() -> None:
    context = TrainingContext(("a", "b"), 44100, 256)
    assert context.clips is None and context.gather_raw is None


def test_it_cannot_be_changed(context: TrainingContext) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        context.sampling_rate = 1  # type: ignore[misc]


def test_two_are_compared_without_looking_at_their_clips(context: TrainingContext) -> None:
    """Tables have no truth value: comparing them by content would fail."""
    other = dataclasses.replace(context)
    assert context == context and context != other
    assert len({context, other}) == 2


@pytest.mark.parametrize("lost", ["clips", "gather_raw"])
def test_an_augmentation_that_needs_the_clips_says_so(context: TrainingContext, lost: str) -> None:
    without = dataclasses.replace(context, **{lost: None})
    with pytest.raises(ValueError, match="clips"):
        DeviceSpectrumModulation().prepare(without)
