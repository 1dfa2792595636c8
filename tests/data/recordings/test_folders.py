import pytest

from dssd_tf.data.recordings import recordings_in_folders
from dssd_tf.errors import DataError


def test_a_folder_a_class_and_one_a_place(write_noise, tmp_path):
    for name in ("bus/a.wav", "bus/line 7/x.flac", "bus/line 7/y.flac", "park/b.ogg"):
        write_noise(name, 0.1)
    (tmp_path / "recordings" / "bus" / "notes.txt").write_text("rainy")
    (tmp_path / "recordings" / "stray.wav").write_text("not in a class")
    write_noise(".trash/park.wav", 0.1)
    found = recordings_in_folders(tmp_path / "recordings", device="phone")
    assert [(r.scene, r.group, r.path.name) for r in found] == [
        ("bus", "a.wav", "a.wav"),
        ("bus", "line 7", "x.flac"),
        ("bus", "line 7", "y.flac"),
        ("park", "b.ogg", "b.ogg"),
    ]
    assert {r.device for r in found} == {"phone"}


def test_one_class_is_not_enough(write_noise, tmp_path):
    write_noise("bus/a.wav", 0.1)
    with pytest.raises(DataError, match="holds recordings of 1 classes — make a folder for each"):
        recordings_in_folders(tmp_path / "recordings")
    with pytest.raises(DataError, match="no such folder"):
        recordings_in_folders(tmp_path / "none")


def test_a_class_without_recordings_is_named(write_noise, tmp_path, capsys):
    root = tmp_path / "recordings"
    write_noise("bus/a.wav", 0.1)
    write_noise("park/b.wav", 0.1)
    for name in ("empty", "phone/monday", ".trash"):
        (root / name).mkdir(parents=True)
    (root / "phone" / "monday" / "memo.M4A").write_bytes(b"sound")
    (root / "phone" / "notes").write_bytes(b"text")
    assert {recording.scene for recording in recordings_in_folders(root)} == {"bus", "park"}
    assert capsys.readouterr().err.splitlines() == [
        f"warning: {root / 'empty'}: holds nothing; the class is left out",
        f"warning: {root / 'phone'}: holds no recording that can be read (.m4a, no suffix); the "
        "class is left out",
    ]
