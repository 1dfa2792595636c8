import csv
import hashlib
import itertools
import re
from pathlib import Path

import pytest
import soundfile

from dssd_tf.data.synthesis import FoldSize, SynthesisSize, dataset, synthesize
from dssd_tf.data.synthesis.dataset import SPLITS
from dssd_tf.data.synthesis.scenes import SCENES
from dssd_tf.errors import DataError, DssdError

NAME = re.compile(r"audio/([a-z_]+)-([a-z]+-\d+)-(\d+)-(\d)-(a|b|c|s[1-6])\.wav")
SMALLEST = SynthesisSize(
    cities=1, clips=1, train=FoldSize(1, 1, 1), test=FoldSize(1, 1, 1), evaluation=FoldSize(1, 1, 1)
)


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _names(path: Path) -> list[str]:
    return [row["filename"] for row in _table(path)]


def _digests(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_files_are_those_of_the_layout(tiny_set):
    found = {str(p.relative_to(tiny_set)) for p in tiny_set.rglob("*") if p.suffix != ".wav"}
    assert found == {
        "README.txt",
        "audio",
        "meta.csv",
        "evaluation_setup",
        "evaluation_setup/fold1_train.csv",
        "evaluation_setup/fold1_test.csv",
        "evaluation_setup/fold1_evaluate.csv",
        "evaluation_setup/test.csv",
        *(f"evaluation_setup/split{percent}.csv" for percent in SPLITS),
        "evaluation",
        "evaluation/audio",
        "evaluation/meta.csv",
        "evaluation/evaluation_setup",
        "evaluation/evaluation_setup/fold1_test.csv",
    }


@pytest.mark.parametrize(
    ("file", "header"),
    [
        ("meta.csv", "filename\tscene_label\tidentifier\tsource_label"),
        ("evaluation_setup/fold1_train.csv", "filename\tscene_label"),
        ("evaluation_setup/fold1_test.csv", "filename"),
        ("evaluation_setup/fold1_evaluate.csv", "filename\tscene_label"),
        ("evaluation/meta.csv", "filename"),
        ("evaluation_setup/split25.csv", "filename\tscene_label"),
        ("evaluation_setup/test.csv", "filename\tscene_label"),
        ("evaluation/evaluation_setup/fold1_test.csv", "filename\tdevice_id"),
    ],
)
def test_headers(tiny_set, file, header):
    assert (tiny_set / file).read_text().splitlines()[0] == header


def test_splits_are_nested_whole_places_with_every_scene(tiny_set):
    setup = tiny_set / "evaluation_setup"
    rows = [_table(setup / f"split{percent}.csv") for percent in SPLITS]
    names = [{row["filename"] for row in part} for part in rows]
    assert all(smaller <= larger for smaller, larger in itertools.pairwise(names))
    train = _table(setup / "fold1_train.csv")
    assert names[-1] == {row["filename"] for row in train}
    assert {row["scene_label"] for row in rows[0]} == {row["scene_label"] for row in train}
    assert (setup / "test.csv").read_bytes() == (setup / "fold1_evaluate.csv").read_bytes()


def test_evaluation_clips_tell_devices_of_the_training_clips_only(tiny_set):
    listed = _table(tiny_set / "evaluation" / "evaluation_setup" / "fold1_test.csv")
    ids = {row["device_id"] for row in listed}
    meta = {row["filename"]: row["source_label"] for row in _table(tiny_set / "meta.csv")}
    train = _table(tiny_set / "evaluation_setup" / "fold1_train.csv")
    assert ids <= {meta[row["filename"]] for row in train} | {"unknown"}


def test_names_agree_with_the_table(tiny_set):
    rows = _table(tiny_set / "meta.csv")
    assert len(rows) == 80
    for row in rows:
        match = NAME.fullmatch(row["filename"])
        assert match is not None, row["filename"]
        assert match[1] == row["scene_label"]
        assert match[2] == row["identifier"]
        assert match[5] == row["source_label"]
    on_disk = {f"audio/{path.name}" for path in (tiny_set / "audio").iterdir()}
    assert {row["filename"] for row in rows} == on_disk


def test_folds_divide_the_table_by_location(tiny_set):
    identifier = {row["filename"]: row["identifier"] for row in _table(tiny_set / "meta.csv")}
    setup = tiny_set / "evaluation_setup"
    train, test = _names(setup / "fold1_train.csv"), _names(setup / "fold1_test.csv")
    assert len(train) == len(test) == 40
    assert sorted(train + test) == sorted(identifier)
    assert not {identifier[name] for name in train} & {identifier[name] for name in test}
    assert _names(setup / "fold1_evaluate.csv") == test


def test_labels_of_the_folds(tiny_set):
    scene = {row["filename"]: row["scene_label"] for row in _table(tiny_set / "meta.csv")}
    for fold in ("train", "evaluate"):
        rows = _table(tiny_set / "evaluation_setup" / f"fold1_{fold}.csv")
        assert {row["scene_label"] for row in rows} == set(SCENES)
        assert all(row["scene_label"] == scene[row["filename"]] for row in rows)


def test_devices_of_the_folds(tiny_set):
    device = {row["filename"]: row["source_label"] for row in _table(tiny_set / "meta.csv")}
    setup = tiny_set / "evaluation_setup"
    train = {device[name] for name in _names(setup / "fold1_train.csv")}
    test = {device[name] for name in _names(setup / "fold1_test.csv")}
    assert train == {"a", "b", "c", "s1", "s2", "s3"}
    assert test == {"a", "b", "c", "s1", "s2", "s3", "s4", "s5", "s6"}


def test_every_clip_is_a_second_of_24_bit_mono(tiny_set):
    clips = list(tiny_set.rglob("*.wav"))
    assert len(clips) == 100
    for clip in clips:
        info = soundfile.info(clip)
        assert (info.format, info.subtype, info.channels) == ("WAV", "PCM_24", 1)
        assert (info.samplerate, info.frames) == (44_100, 44_100)


def test_evaluation_names_count_from_zero(tiny_set):
    root = tiny_set / "evaluation"
    names = [f"audio/{number}.wav" for number in range(20)]
    assert _names(root / "meta.csv") == names
    assert _names(root / "evaluation_setup" / "fold1_test.csv") == names
    assert {f"audio/{path.name}" for path in (root / "audio").iterdir()} == set(names)


def test_evaluation_order_does_not_tell_the_scene():
    evaluation = [each for each in dataset.planned(SynthesisSize()) if each.fold == "evaluation"]
    shuffled = dataset._shuffled(evaluation, 0)
    scenes = [clip[0].scene for clip in shuffled]
    assert len(shuffled) == 120
    assert sorted(scenes) != scenes
    assert sum(a == b for a, b in itertools.pairwise(scenes)) < 40


def test_no_clip_twice(tiny_set):
    digests = [digest for name, digest in _digests(tiny_set).items() if name.endswith(".wav")]
    assert len(set(digests)) == len(digests)


def test_same_seed_same_bytes_other_seed_other_sounds(tmp_path):
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        synthesize(tmp_path / name, seed=seed, size=SMALLEST)
    one, two, three = (_digests(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert one.keys() == three.keys()
    same = {name for name, digest in one.items() if digest == three[name]}
    assert not any(name.endswith(".wav") for name in same)


def test_a_larger_set_keeps_the_clips(tiny_set, tmp_path):
    tiny = SynthesisSize.tiny()
    larger = SynthesisSize(
        cities=1, clips=2, train=FoldSize(1, 2, 2), test=tiny.test, evaluation=tiny.evaluation
    )
    synthesize(tmp_path / "larger", seed=3, size=larger)
    before, after = _digests(tiny_set), _digests(tmp_path / "larger")
    kept = [name for name in before if name.endswith("-a.wav")]
    assert len(kept) == 40
    assert all(before[name] == after[name] for name in kept)


def test_readme_names_the_seed(tiny_set):
    assert "seed 3" in (tiny_set / "README.txt").read_text()


@pytest.mark.parametrize("name", ["notes.txt", ".hidden"])
def test_folder_with_something_in_it_is_refused(tmp_path, name):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / name).write_text("mine")
    with pytest.raises(DataError, match=f"is not empty .it holds {re.escape(name)}"):
        synthesize(tmp_path / "set", size=SMALLEST)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]
    assert (tmp_path / "set" / name).read_text() == "mine"


def test_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "set").write_text("mine")
    with pytest.raises(DataError, match="is a file"):
        synthesize(tmp_path / "set", size=SMALLEST)
    assert (tmp_path / "set").read_text() == "mine"


def test_empty_folder_is_filled(tmp_path):
    (tmp_path / "set").mkdir()
    synthesize(tmp_path / "set", size=SMALLEST)
    assert len(list((tmp_path / "set" / "audio").iterdir())) == 20


def test_what_is_put_in_meanwhile_is_not_lost(tmp_path, monkeypatch):
    root = tmp_path / "set"
    write = dataset.write_readme

    def meddle(part: Path, seed: int) -> None:
        write(part, seed)
        root.mkdir()
        (root / "notes.txt").write_text("mine")

    monkeypatch.setattr(dataset, "write_readme", meddle)
    with pytest.raises(DataError, match="is not empty"):
        synthesize(root, size=SMALLEST)
    assert list(tmp_path.iterdir()) == [root]
    assert (root / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("fault", "shown"),
    [(KeyboardInterrupt(), KeyboardInterrupt), (OSError(28, "No space left"), DssdError)],
)
def test_interrupted_rendering_leaves_nothing(tmp_path, monkeypatch, fault, shown):
    write, written = dataset.write_clip, []

    def fail(path: Path, samples: object) -> None:
        if len(written) == 5:
            raise fault
        write(path, samples)
        written.append(path.exists())

    monkeypatch.setattr(dataset, "write_clip", fail)
    with pytest.raises(shown):
        synthesize(tmp_path / "set", size=SMALLEST)
    assert written == [True] * 5
    assert list(tmp_path.iterdir()) == []


def test_negative_seed_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(DataError, match="seed -2"):
        synthesize(tmp_path / "set", seed=-2, size=SMALLEST)
    assert list(tmp_path.iterdir()) == []
