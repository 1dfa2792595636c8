import dataclasses

import numpy as np
import pytest

from dssd_tf.data.synthesis import SynthesisSize
from dssd_tf.data.synthesis.devices import DEVICES
from dssd_tf.data.synthesis.plan import Recording, planned
from dssd_tf.data.synthesis.rendering import LOUDNESS, record, render
from dssd_tf.data.synthesis.scenes import SCENES


@pytest.fixture
def recording() -> Recording:
    return Recording("train", "metro_station", "lisbon", 23, 1, ("a", "s2"), clips=2)


@pytest.mark.parametrize("scene", SCENES)
def test_sound_of_every_scene(scene, recording):
    sound = render(dataclasses.replace(recording, scene=scene), seed=0)
    assert sound.shape == (88_200,)
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()
    level = 10 * np.log10(np.mean(np.square(sound)))
    assert LOUDNESS[0] - 0.01 <= level <= LOUDNESS[1] + 0.01


def test_same_recording_same_sound(recording):
    assert np.array_equal(render(recording, 4), render(recording, 4))


@pytest.mark.parametrize(
    "change",
    [{"city": "paris"}, {"location": 24}, {"segment": 2}, {"scene": "airport"}],
)
def test_other_recordings_sound_otherwise(recording, change):
    other = render(dataclasses.replace(recording, **change), 4)
    assert abs(np.corrcoef(render(recording, 4), other)[0, 1]) < 0.2


def test_other_seed_other_sound(recording):
    assert abs(np.corrcoef(render(recording, 4), render(recording, 5))[0, 1]) < 0.2


def test_sound_does_not_depend_on_the_size_of_the_set():
    small = planned(SynthesisSize.tiny())[3]
    large = next(
        each for each in planned(SynthesisSize()) if (each.fold, each.key) == ("train", small.key)
    )
    assert np.array_equal(render(small, 0), render(large, 0))


def test_devices_record_the_same_sound_differently(recording):
    sound = render(recording, 0)
    a, b = (record(recording, sound, device, 0) for device in ("a", "b"))
    assert a.shape == b.shape == (2, 44_100)
    assert not np.allclose(a, b)
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.5
    assert np.corrcoef(a.ravel(), sound)[0, 1] > 0.99


def test_clips_follow_each_other(recording):
    """The seam is no louder than any other step: one stretch, cut."""
    sound = render(recording, 0)
    clips = record(recording, sound, "a", 0)
    seam = abs(clips[1, 0] - clips[0, -1])
    assert seam <= np.abs(np.diff(clips[0])).max()


@pytest.mark.parametrize("device", DEVICES)
def test_nothing_beyond_full_scale(recording, device):
    clips = record(recording, render(recording, 0), device, 0)
    assert np.abs(clips).max() <= 1.0
