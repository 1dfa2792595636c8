from collections import Counter

import pytest

from dssd_tf.data.synthesis import FoldSize, SynthesisSize
from dssd_tf.data.synthesis.devices import DEVICES, SIMULATED_UNSEEN
from dssd_tf.data.synthesis.plan import Recording, planned
from dssd_tf.data.synthesis.scenes import SCENES


def _clips(recordings: list[Recording], fold: str) -> int:
    return sum(len(each.devices) * each.clips for each in recordings if each.fold == fold)


def _devices(recordings: list[Recording], fold: str) -> Counter[str]:
    return Counter(device for each in recordings if each.fold == fold for device in each.devices)


@pytest.mark.parametrize(
    ("size", "counts"),
    [(SynthesisSize(), (720, 240, 120)), (SynthesisSize.tiny(), (40, 40, 20))],
)
def test_counts(size, counts):
    recordings = planned(size)
    assert tuple(_clips(recordings, fold) for fold in ("train", "test", "evaluation")) == counts


def test_every_scene_in_every_fold():
    for fold in ("train", "test", "evaluation"):
        scenes = Counter(each.scene for each in planned(SynthesisSize()) if each.fold == fold)
        assert list(scenes) == list(SCENES)
        assert len(set(scenes.values())) == 1


def test_devices_of_the_folds():
    recordings = planned(SynthesisSize())
    train, test, evaluation = (_devices(recordings, f) for f in ("train", "test", "evaluation"))
    assert set(train) == {"a", "b", "c", "s1", "s2", "s3"}
    assert set(test) == set(train) | set(SIMULATED_UNSEEN)
    assert set(evaluation) == set(DEVICES)


def test_device_a_makes_every_development_recording():
    for each in planned(SynthesisSize()):
        if each.fold != "evaluation":
            assert each.devices[0] == "a"


def test_devices_take_turns_evenly():
    train = _devices(planned(SynthesisSize()), "train")
    del train["a"]
    assert max(train.values()) - min(train.values()) <= 1


def test_no_device_twice():
    size = SynthesisSize(train=FoldSize(1, 2, 6), test=FoldSize(1, 1, 9))
    for each in planned(size):
        assert len(set(each.devices)) == len(each.devices)


def test_no_location_in_two_folds_scenes_or_cities():
    owners: dict[int, set[tuple[str, str, str]]] = {}
    for each in planned(SynthesisSize(cities=10, test=FoldSize(3, 1, 1))):
        owners.setdefault(each.location, set()).add((each.fold, each.scene, each.city))
    assert all(len(owner) == 1 for owner in owners.values())


def test_names_are_unique():
    names = [
        each.filename(sub, device)
        for each in planned(SynthesisSize())
        for device in each.devices
        for sub in range(each.clips)
    ]
    assert len(set(names)) == len(names)


def test_a_larger_set_contains_the_smaller_ones_recordings():
    small = {(each.fold, each.scene, each.key) for each in planned(SynthesisSize.tiny())}
    assert small < {(each.fold, each.scene, each.key) for each in planned(SynthesisSize())}
