from pathlib import Path
from typing import Any

import pytest

from dssd_tf.data import DataConfig, Dataset, read_dataset
from dssd_tf.errors import DataError

SCENES = ("airport", "bus", "metro_station")


def _read(tau: Any, seed: int = 0, **settings: Any) -> Dataset:
    return read_dataset(tau.root, DataConfig(**settings), seed=seed)


def _refused(tau: Any, **settings: Any) -> str:
    with pytest.raises(DataError) as caught:
        _read(tau, **settings)
    assert str(tau.root) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def _drop_scene(tau: Any, table: str, *scenes: str) -> None:
    lines = tau.path(table).read_text().splitlines()
    kept = [line for line in lines if not any(line.endswith(f"\t{scene}") for scene in scenes)]
    assert len(kept) < len(lines)
    tau.path(table).write_text("\n".join(kept) + "\n")


def test_tables_of_a_fold(tau: Any) -> None:
    dataset = _read(tau)
    assert dataset.classes == SCENES
    assert len(dataset.train) + len(dataset.validation) == 36
    assert len(dataset.test) == 9
    assert len(dataset.filenames) == len(set(dataset.filenames)) == 45
    assert dataset.filenames == sorted(dataset.filenames)
    row = dataset.test.iloc[4]
    assert row["filename"] == "audio/bus-lyon-1004-4-1-b.wav"
    assert (row["scene_label"], row["label"], row["device"]) == ("bus", 1, "b")


def test_clips_of_a_place_share_the_recording(tau: Any) -> None:
    test = _read(tau).test
    assert test.groupby("recording")["filename"].count().to_list() == [3, 3, 3]
    assert test.groupby("recording")["scene_label"].nunique().max() == 1


def test_a_model_of_a_device_is_trained_on_its_clips_and_tested_on_all(tau: Any) -> None:
    whole, own = _read(tau), _read(tau, train_devices=["b"])
    both = (own.train, own.validation)
    assert {name for table in both for name in table["device"]} == {"b"}
    assert len(own.train) + len(own.validation) == 12
    assert own.test.equals(whole.test)
    assert own.classes == whole.classes
    found = _refused(tau, train_devices=["b", "s9"])
    assert "no training clip is from device 's9' of data.train_devices" in found
    assert "choose among a, b" in found


def test_a_set_without_split_lists_says_so(tau: Any) -> None:
    tau.path("split5.csv").unlink()
    found = _refused(tau, split=25)
    assert "no such split list" in found
    assert (
        "the set has no split lists: leave data.split null and set data.fold to one of 1" in found
    )


def test_crlf_tables_read_alike(tau: Any) -> None:
    before = _read(tau)
    for name in ("meta.csv", "fold1_train.csv", "fold1_evaluate.csv"):
        path = tau.path(name)
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    after = _read(tau)
    assert after.train.equals(before.train)
    assert after.test.equals(before.test)


def test_given_classes_set_the_order(tau: Any) -> None:
    dataset = _read(tau, classes=("metro_station", "airport", "bus"))
    assert dataset.classes == ("metro_station", "airport", "bus")
    labels = dataset.test.drop_duplicates("scene_label").set_index("scene_label")["label"]
    assert labels.to_dict() == {"metro_station": 0, "airport": 1, "bus": 2}


def test_splits_of_2024(tau: Any) -> None:
    dataset = _read(tau, split=5, validation_fraction=0)
    assert len(dataset.train) == len(dataset.test) == 9
    assert set(dataset.train["recording"]) == {f"{scene}-lyon-1000" for scene in SCENES}


def test_missing_folder(tau: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: no such data folder — .*--data"):
        read_dataset(tmp_path / "nowhere", DataConfig())


def test_missing_meta(tau: Any) -> None:
    tau.path("meta.csv").unlink()
    assert "meta.csv: no such table" in _refused(tau)


@pytest.mark.parametrize("setting", [{"fold": 3}, {"split": 50}])
def test_missing_fold_names_those_that_are_there(tau: Any, setting: dict[str, int]) -> None:
    message = _refused(tau, **setting)
    assert f"no such {next(iter(setting))} list" in message
    assert "set data.fold to one of 1 or set data.split to one of 5" in message


def test_missing_file(tau: Any) -> None:
    (tau.root / "audio" / "bus-lyon-1001-1-0-a.wav").unlink()
    message = _refused(tau)
    assert "bus-lyon-1001-1-0-a.wav: listed in the tables, but the file is missing" in message
    assert "more" not in message
    (tau.root / "audio" / "bus-lyon-1001-1-1-b.wav").unlink()
    assert "(and 1 more)" in _refused(tau)


def test_missing_audio_folder(tau: Any) -> None:
    (tau.root / "audio").rename(tau.root / "sound")
    assert "(and 44 more)" in _refused(tau)


def test_listed_clip_without_a_row_in_meta(tau: Any) -> None:
    tau.edit("meta.csv", "audio/bus-lyon-1001-1-0-a.wav", "audio/bus-lyon-1001-1-9-a.wav")
    message = _refused(tau)
    assert "fold1_train.csv: lists audio/bus-lyon-1001-1-0-a.wav" in message
    assert "meta.csv" in message


def test_labels_that_disagree(tau: Any) -> None:
    name = "audio/bus-lyon-1004-4-1-b.wav"
    tau.edit("fold1_evaluate.csv", f"{name}\tbus", f"{name}\tairport")
    message = _refused(tau)
    assert f"fold1_evaluate.csv: labels {name} 'airport', meta.csv says 'bus'" in message


def test_class_without_a_training_clip(tau: Any) -> None:
    _drop_scene(tau, "fold1_train.csv", "bus")
    assert "class 'bus' has no training clip" in _refused(tau)


def test_given_class_that_the_data_lacks(tau: Any) -> None:
    assert "class 'tram' has no training clip" in _refused(tau, classes=(*SCENES, "tram"))


def test_label_that_is_no_class(tau: Any) -> None:
    message = _refused(tau, classes=("airport", "bus"))
    assert "the label 'metro_station', which is not in data.classes ['airport', 'bus']" in message
    assert "leave data.classes out" in message


def test_single_class(tau: Any) -> None:
    for table in ("fold1_train.csv", "fold1_evaluate.csv"):
        _drop_scene(tau, table, "bus", "metro_station")
    assert "a single class, 'airport'" in _refused(tau)


@pytest.mark.parametrize("table", ["fold1_train.csv", "fold1_evaluate.csv"])
def test_empty_list(tau: Any, table: str) -> None:
    tau.write_list(table, [])
    message = _refused(tau)
    assert f"{table}: the fold lists no clips" in message


def test_recording_in_train_and_test(tau: Any) -> None:
    moved = "audio/bus-lyon-1000-0-2-s1.wav"
    tau.edit("fold1_train.csv", f"{moved}\tbus\n", "")
    path = tau.path("fold1_evaluate.csv")
    path.write_text(path.read_text() + f"{moved}\tbus\n")
    message = _refused(tau)
    assert "recording 'bus-lyon-1000' in train and test (1 such recordings)" in message


def test_a_leaky_fold_is_refused_unless_the_recipe_says_so(
    tau: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = "audio/bus-lyon-1000-0-2-s1.wav"
    path = tau.path("fold1_evaluate.csv")
    path.write_text(path.read_text() + f"{moved}\tbus\n")
    assert "data.allow_leaky_fold=true" in _refused(tau)
    assert capsys.readouterr().err == ""
    dataset = _read(tau, allow_leaky_fold=True)
    assert moved in set(dataset.test["filename"])
    warning = capsys.readouterr().err
    assert "warning: " in warning and "'bus-lyon-1000' in train and test" in warning
    path.write_text(path.read_text().replace(f"{moved}\tbus\n", ""))
    _read(tau, allow_leaky_fold=True)
    assert capsys.readouterr().err == ""


def test_a_clip_of_another_device_is_refused(tau: Any) -> None:
    message = _refused(tau, devices=("a", "b"))
    assert "fold1_train.csv: lists audio/airport-lyon-1000-0-2-s1.wav" in message
    assert "device 's1', not among data.devices ['a', 'b'] (12 such clips)" in message
    assert len(_read(tau, devices=("a", "b", "s1", "s2")).test) == 9


def test_validation_holds_out_whole_recordings_of_each_class(tau: Any) -> None:
    dataset = _read(tau, validation_fraction=0.25)
    assert not set(dataset.train["recording"]) & set(dataset.validation["recording"])
    assert dataset.validation["scene_label"].value_counts().to_dict() == dict.fromkeys(SCENES, 3)
    names = sorted([*dataset.train["filename"], *dataset.validation["filename"]])
    assert names == sorted(set(names))
    assert len(names) == 36


@pytest.mark.parametrize(("fraction", "clips"), [(0.01, 9), (0.26, 18), (0.99, 27)])
def test_hold_out_leaves_each_class_some_of_both(tau: Any, fraction: float, clips: int) -> None:
    dataset = _read(tau, validation_fraction=fraction)
    assert len(dataset.validation) == clips
    assert set(dataset.train["scene_label"]) == set(SCENES)


def test_class_with_one_recording_stays_in_training(tau: Any) -> None:
    dataset = _read(tau, split=5, validation_fraction=0.5)
    assert (len(dataset.train), len(dataset.validation)) == (9, 0)


def test_hold_out_follows_from_the_seed(tau: Any) -> None:
    held = [set(_read(tau, seed=seed).validation["recording"]) for seed in range(6)]
    assert held == [set(_read(tau, seed=seed).validation["recording"]) for seed in range(6)]
    assert len({frozenset(recordings) for recordings in held}) > 1


def test_no_hold_out(tau: Any) -> None:
    dataset = _read(tau, validation_fraction=0)
    assert (len(dataset.train), len(dataset.validation)) == (36, 0)
    assert dataset.validation.columns.equals(dataset.train.columns)
