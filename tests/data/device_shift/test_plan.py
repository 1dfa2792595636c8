from pathlib import Path

import pandas as pd
import pytest

from dssd_tf.data.device_shift.plan import plan_shift, renamed_clip
from dssd_tf.errors import DataError

SHARES = {"a": 0.5, "s1": 0.5}
TEST = ("a", "s4")


def _plan(root: Path, **changes):
    return plan_shift(root, **({"seed": 0, "shares": SHARES, "test_devices": TEST} | changes))


def _device(names: pd.Series) -> list[str]:
    return [Path(name).stem.rpartition("-")[2] for name in names]


def _clip(names: pd.Series) -> list[str]:
    return [name.rpartition("-")[0] for name in names]


def test_only_the_device_of_a_name_changes():
    assert renamed_clip("audio/bus-lyon-1-2-3-a.wav", "s10") == "audio/bus-lyon-1-2-3-s10.wav"
    assert renamed_clip("a-b/bus-lyon-1-2-a.flac", "s1") == "a-b/bus-lyon-1-2-s1.flac"


def test_a_training_clip_comes_once_and_by_the_same_device_everywhere(source):
    plan = _plan(source)
    lists = plan.lists
    for name in ("fold1_train", "fold2_train", "split50"):
        old = pd.read_csv(source / "evaluation_setup" / f"{name}.csv", sep="\t")
        assert _clip(lists[f"{name}.csv"]["filename"]) == _clip(old["filename"])
        assert lists[f"{name}.csv"]["scene_label"].tolist() == old["scene_label"].tolist()
        assert set(_device(lists[f"{name}.csv"]["filename"])) == {"a", "s1"}
    assert set(lists["split50.csv"]["filename"]) <= set(lists["fold1_train.csv"]["filename"])


def test_all_clips_of_a_segment_have_one_device(source):
    names = _plan(source).lists["fold1_train.csv"]["filename"]
    segments = {
        (Path(name).stem.rsplit("-", 2)[0], d)
        for name, d in zip(names, _device(names), strict=True)
    }
    assert len(segments) == 8  # 2 scenes, 2 locations, 2 segments


def test_a_test_clip_comes_once_for_each_device(source):
    lists = _plan(source).lists
    for name in ("fold1_evaluate", "fold2_evaluate", "test"):
        table = lists[f"{name}.csv"]
        old = pd.read_csv(source / "evaluation_setup" / f"{name}.csv", sep="\t")
        pairs = set(zip(_clip(table["filename"]), _device(table["filename"]), strict=True))
        assert len(table) == len(pairs) == 2 * len(old)
        assert pairs == {(clip, device) for clip in _clip(old["filename"]) for device in TEST}
    assert lists["fold1_test.csv"].columns.tolist() == ["filename"]
    assert lists["fold1_test.csv"]["filename"].tolist() == (
        lists["fold1_evaluate.csv"]["filename"].tolist()
    )


def test_what_some_list_names_is_rendered_and_nothing_else(source):
    plan = _plan(source)
    outputs = [name for task in plan.tasks for _, name in task.outputs]
    listed = {name for table in plan.lists.values() for name in table["filename"]}
    assert len(outputs) == len(set(outputs))
    assert set(outputs) == listed == set(plan.meta["filename"])
    assert plan.unlisted == 8
    assert not any("-lyon-4-" in name for name in outputs)
    # Every clip is in training of one fold and in test of the other.
    by = {task.source: {device for device, _ in task.outputs} for task in plan.tasks}
    assert {frozenset(devices) for devices in by.values()} == {
        frozenset({"a", "s4"}),
        frozenset({"a", "s1", "s4"}),
    }


def test_the_other_columns_of_meta_are_kept(source):
    meta = _plan(source).meta
    assert meta.columns.tolist() == [
        "filename", "scene_label", "identifier", "source_label", "author",
    ]  # fmt: skip
    assert meta["source_label"].tolist() == _device(meta["filename"])
    old = pd.read_csv(source / "meta.csv", sep="\t").set_index("filename")
    for row in meta.itertuples():
        before = old.loc[renamed_clip(row.filename, "a")]
        assert (row.scene_label, row.identifier, row.author) == (
            before["scene_label"], before["identifier"], before["author"],
        )  # fmt: skip


def test_the_source_may_call_its_device_otherwise(source):
    for path in [source / "meta.csv", *(source / "evaluation_setup").iterdir()]:
        path.write_text(path.read_text().replace("-a.wav", "-mic.wav").replace("\ta\t", "\tmic\t"))
    for path in list((source / "audio").iterdir()):
        path.rename(path.with_name(path.name.replace("-a.wav", "-mic.wav")))
    assert set(_plan(source).meta["source_label"]) == {"a", "s1", "s4"}


def test_several_devices_are_refused(source):
    path = source / "meta.csv"
    path.write_text(path.read_text().replace("\ta\tNoël 1", "\tb\tNoël 1"))
    with pytest.raises(DataError, match=r"meta.csv: has 2 devices \(a, b\), expected one"):
        _plan(source)


@pytest.mark.parametrize("name", ["audio/bus_lyon.wav", "../bus-lyon-0-0-0-a.wav"])
def test_names_of_another_form_or_place_are_refused(source, name):
    path = source / "meta.csv"
    path.write_text(path.read_text().replace("audio/bus-lyon-4-0-0-a.wav", name))
    with pytest.raises(DataError, match=f"meta.csv: names {name}, which is not"):
        _plan(source)


def test_names_that_would_be_the_same_are_refused(source):
    for path in (source / "meta.csv", source / "evaluation_setup" / "fold1_train.csv"):
        text = path.read_text()
        path.write_text(text.replace("bus-lyon-0-0-1-a", "bus-lyon-0-0-0-b"))
    for name in ("fold2_evaluate", "fold2_test", "split50"):
        (source / "evaluation_setup" / f"{name}.csv").unlink()
    (source / "audio" / "bus-lyon-0-0-1-a.wav").rename(source / "audio" / "bus-lyon-0-0-0-b.wav")
    with pytest.raises(DataError, match=r"two clips would be named audio/bus-lyon-0-0-0-(a|s1)"):
        _plan(source)


def test_a_missing_recording_is_named(source):
    (source / "audio" / "park-lyon-2-0-0-a.wav").unlink()
    with pytest.raises(DataError, match=r"park-lyon-2-0-0-a\.wav: listed in the tables, but"):
        _plan(source)


def test_a_stranger_in_a_list_is_named(source):
    path = source / "evaluation_setup" / "fold2_train.csv"
    path.write_text(path.read_text() + "audio/bus-lyon-9-0-0-a.wav\tbus\n")
    with pytest.raises(DataError, match=r"fold2_train\.csv: lists audio/bus-lyon-9-0-0-a\.wav"):
        _plan(source)


def test_folders_without_lists_or_data_are_refused(source, tmp_path):
    with pytest.raises(DataError, match="no such data folder"):
        _plan(tmp_path / "none")
    for path in (source / "evaluation_setup").iterdir():
        path.unlink()
    with pytest.raises(DataError, match="has no list"):
        _plan(source)


def test_other_tables_are_left_out_with_a_warning(source, capsys):
    (source / "evaluation_setup" / "notes.csv").write_text("x\n1\n")
    assert "notes.csv" not in _plan(source).lists
    assert "notes.csv: no list of a fold or split" in capsys.readouterr().err.replace("\n", "")
