from pathlib import Path

import pytest

from dssd_tf.data.known_dataset import (
    KnownDataset,
    list_known_datasets,
    load_known_dataset,
    recognise_dataset,
)
from dssd_tf.errors import DataError

NAMES = list_known_datasets()


@pytest.mark.parametrize("name", NAMES)
def test_the_facts_of_a_set_agree(name: str) -> None:
    known = load_known_dataset(name)
    assert known.name == name
    assert len(known.scenes.value) == 10
    assert known.scenes.value == sorted(known.scenes.value)
    assert len(set(known.devices.all)) == len(known.devices.all)
    for facts in (known, *known.lists.values()):
        if facts.device_clips is not None:
            assert sum(facts.device_clips.value.values()) == facts.clips.value
            assert set(facts.device_clips.value) <= set(known.devices.all)
    assert max(facts.clips.value for facts in known.lists.values()) <= known.clips.value
    if known.archives is not None:
        assert len(set(known.archives.value.values())) == len(known.archives.value)
        for file, md5 in known.archives.value.items():
            assert file.startswith(known.folder.value)
            assert len(md5) == 32 and int(md5, 16) > 0


def test_2022_is_2020_cut_into_seconds() -> None:
    old, new = load_known_dataset("tau2020"), load_known_dataset("tau2022")
    assert new.clips.value == 10 * old.clips.value
    assert old.clip_seconds.value == 10 * new.clip_seconds.value
    for name, facts in new.lists.items():
        assert facts.clips.value == 10 * old.lists[name].clips.value
    assert (old.name_parts.value, new.name_parts.value) == (5, 6)  # type: ignore[union-attr]


def test_splits_are_those_of_2022_and_grow() -> None:
    splits, base = load_known_dataset("dcase2024"), load_known_dataset("tau2022")
    assert splits.clips == base.clips
    assert splits.record is None and splits.archives is None
    assert set(base.lists) < set(splits.lists)
    counts = [splits.lists[name].clips.value for name in splits.nested.value]  # type: ignore[union-attr]
    assert counts == sorted(counts)
    assert counts[-1] == base.lists["fold1_train"].clips.value
    assert splits.lists["test"].clips.value == base.lists["fold1_evaluate"].clips.value


def test_no_training_list_has_an_unseen_device() -> None:
    for name in NAMES:
        known = load_known_dataset(name)
        train = known.lists.get("fold1_train")
        if train is not None and train.device_clips is not None:
            assert set(train.device_clips.value) <= set(known.devices.seen)


def test_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(DataError, match="unknown dataset 'tau2202', did you mean 'tau2022'") as e:
        load_known_dataset("tau2202")
    assert "tau2020" in str(e.value)


def _name(known: KnownDataset | None) -> str | None:
    return known.name if known else None


def test_sets_are_recognised(tmp_path: Path) -> None:
    assert recognise_dataset(tmp_path, 40) is None
    assert _name(recognise_dataset(tmp_path, 23035)) == "tau2020"
    assert _name(recognise_dataset(tmp_path, 230350)) == "tau2022"
    root = tmp_path / "TAU-urban-acoustic-scenes-2022-mobile-development"
    (root / "evaluation_setup").mkdir(parents=True)
    assert _name(recognise_dataset(root, 17)) == "tau2022"
    (root / "evaluation_setup" / "split25.csv").touch()
    assert _name(recognise_dataset(root, 17)) == "dcase2024"
