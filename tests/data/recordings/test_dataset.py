from pathlib import Path

import pandas as pd
import pytest
import soundfile

from dssd_tf.data import DataConfig, read_dataset
from dssd_tf.data.recordings import Recording, cut_recordings, recordings_in_folders
from dssd_tf.data.verification.verify import verify
from dssd_tf.errors import DataError


@pytest.fixture
def recordings(write_noise, tmp_path) -> list[Recording]:
    for scene in ("bus", "quiet park"):
        for number in range(3):
            write_noise(f"{scene}/{number}.wav", 2.0 + number)
        write_noise(f"{scene}/one place/a.wav", 1.0)
        write_noise(f"{scene}/one place/b.wav", 1.5)
    write_noise("bus/click.wav", 0.2)
    return recordings_in_folders(tmp_path / "recordings")


def test_the_set_is_whole_and_its_folds_are_apart(recordings, tmp_path):
    root = tmp_path / "set"
    cut = cut_recordings(recordings, root, rate=8000)
    assert cut.clips == {"bus": 11, "quiet_park": 11} and cut.silent == 0
    assert [path.name for path in cut.short] == ["click.wav"] and cut.longest_short == 0.2
    assert not verify(root).faults
    tested: set[str] = set()
    for fold in (1, 2, 3):
        data = read_dataset(root, DataConfig(fold=fold, validation_fraction=0), seed=0)
        assert data.classes == ("bus", "quiet_park")
        assert len(data.train) + len(data.test) == 22
        assert not set(data.train["recording"]) & set(data.test["recording"])
        assert set(data.test["scene_label"]) == set(data.classes)
        tested |= set(data.test["filename"])
    assert len(tested) == 22
    name = sorted((root / "audio").iterdir())[0]
    info = soundfile.info(name)
    assert (info.samplerate, info.frames, info.channels) == (8000, 8000, 1)
    table = pd.read_csv(root / "recordings.csv", sep="\t")
    assert len(table) == 10 and table["clips"].sum() == 22
    together = table[table["source"].isin(["a.wav", "b.wav"])]
    assert together.groupby("scene_label")[["identifier", "fold"]].nunique().eq(1).all(axis=None)


def test_the_same_recordings_give_the_same_set(recordings, tmp_path):
    for name in ("one", "two"):
        cut_recordings(recordings, tmp_path / name, rate=8000, seed=3)
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*"))
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"folds": 1}, "1 folds"),
        ({"folds": 9}, "class 'bus' has recordings of 4 groups, none for fold 5"),
        ({"seconds": 0}, "clips of 0 s"),
        ({"seconds": 1e-6}, "clips of 1e-06 s at 8000 Hz"),
        ({"seconds": 5}, r"none of 11 recordings gave a clip of 5 s \(the longest lasts 4.00 s\)"),
        ({"max_hz": 4000}, "4000 Hz is not between 0 and half the sampling rate, 4000"),
    ],
)
def test_what_cannot_be_made_leaves_nothing(recordings, tmp_path, changes, reason):
    with pytest.raises(DataError, match=reason):
        cut_recordings(recordings, tmp_path / "set", **{"rate": 8000, **changes})
    assert not (tmp_path / "set").exists()


def test_a_damaged_recording_is_named_and_nothing_left(recordings, tmp_path):
    recordings[4].path.write_bytes(b"no sound")
    with pytest.raises(DataError, match=recordings[4].path.name):
        cut_recordings(recordings, tmp_path / "set", rate=8000)
    assert not (tmp_path / "set").exists()


def test_scenes_that_would_have_one_name(tmp_path):
    twins = [Recording(Path("x.wav"), scene, "x") for scene in ("a b", "a-b")]
    with pytest.raises(DataError, match="'a b' and 'a-b' would both be named 'a_b'"):
        cut_recordings(twins, tmp_path / "set")
    with pytest.raises(DataError, match="cannot be part of a file's name"):
        cut_recordings([Recording(Path("x.wav"), "…", "x")], tmp_path / "set")


def test_a_class_without_a_clip_is_refused(recordings, write_noise, tmp_path):
    for number in range(3):
        path = write_noise(f"tram/{number}.wav", 0.5)
    found = recordings_in_folders(tmp_path / "recordings")
    wanted = r"class 'tram' gets no clip: none of 3 recordings .* lasts 0.50 s\) — ask for shorter"
    with pytest.raises(DataError, match=wanted):
        cut_recordings(found, tmp_path / "set", rate=8000)
    soundfile.write(path, [0.0] * 16000, 8000)
    with pytest.raises(DataError, match=r"the longest lasts 2.00 s and is silent"):
        cut_recordings(found, tmp_path / "set", rate=8000)
    assert not (tmp_path / "set").exists()


def test_a_recording_that_lost_its_end_is_told_once(recordings, tmp_path, capsys):
    path = recordings[0].path
    path.write_bytes(path.read_bytes()[:24044])
    cut_recordings(recordings, tmp_path / "set", rate=8000)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"warning: {path}: header promises 2.00 s, the file ends at 1.50 s")
