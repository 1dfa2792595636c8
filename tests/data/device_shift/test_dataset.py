import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from dssd_tf.data import DataConfig, read_dataset
from dssd_tf.data.device_shift import rendering, shift_devices
from dssd_tf.data.device_shift.drawing import ALL, SEEN, UNSEEN
from dssd_tf.data.verification.verify import verify
from dssd_tf.errors import DataError, DssdError


def _digests(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def _read(root: Path, **settings):
    return read_dataset(root, DataConfig(clip_seconds=0.25, validation_fraction=0, **settings))


def test_verify_finds_no_fault(shifted):
    result = verify(shifted, audio="samples", workers=1)
    assert result.faults == []
    assert result.clips == len(list((shifted / "audio").iterdir()))
    assert result.audio["bit_depth"] == 24


@pytest.mark.parametrize("settings", [{"fold": 1}, {"fold": 2}, {"split": 50}], ids=str)
def test_every_fold_is_read_and_its_recordings_stay_apart(shifted, settings):
    data = _read(shifted, **settings)
    assert set(data.test["device"]) == set(ALL)
    assert set(data.train["device"]) <= {"a", *SEEN}
    assert set(data.train["recording"]).isdisjoint(data.test["recording"])
    per_device = data.test.groupby("device")["recording"].value_counts().unstack()
    assert (per_device == per_device.iloc[0]).all(axis=None)


def test_only_unseen_devices_are_in_no_training_list(shifted):
    trained: set[str] = set()
    for path in (shifted / "evaluation_setup").glob("*_train.csv"):
        trained |= {name.rpartition("-")[2] for name in pd.read_csv(path, sep="\t")["filename"]}
    assert set(ALL) - {name.removesuffix(".wav") for name in trained} == set(UNSEEN)


def test_shares_hold_in_the_training_lists(_source_original, tmp_path):
    done = shift_devices(_source_original, tmp_path / "set", share_a=0.25, workers=1)
    train = _read(tmp_path / "set").train["device"].value_counts()
    assert train.to_dict() == {"a": 4, "s1": 4, "s2": 4, "s3": 4}
    assert done.files == sum(done.devices.values()) == 32 * 7
    assert (done.clips, done.unlisted) == (32, 8)


def test_test_devices_can_be_chosen(_source_original, tmp_path):
    shift_devices(
        _source_original, tmp_path / "set", share_a=1, test_devices=["s6", "a"], workers=1
    )
    data = _read(tmp_path / "set")
    assert set(data.train["device"]) == {"a"}
    assert set(data.test["device"]) == {"a", "s6"}
    assert json.loads((tmp_path / "set" / "devices.json").read_text())["test_devices"] == [
        "a", "s6",
    ]  # fmt: skip


def test_device_a_is_the_source(shifted, _source_original):
    copies = sorted((shifted / "audio").glob("*-a.wav"))
    assert len(copies) == 32
    for path in copies:
        assert path.read_bytes() == (_source_original / "audio" / path.name).read_bytes()


def test_same_seed_same_bytes_other_seed_other_devices(shifted, _source_original, tmp_path):
    shift_devices(_source_original, tmp_path / "same", seed=3)
    assert _digests(tmp_path / "same") == _digests(shifted)
    shift_devices(_source_original, tmp_path / "other", seed=4)
    mine, other = _digests(shifted), _digests(tmp_path / "other")
    simulated = [name for name in mine if name.endswith(".wav") and "-a." not in name]
    assert simulated and not any(mine[name] == other.get(name) for name in simulated)


@pytest.mark.slow
def test_processes_do_not_change_the_bytes(shifted, _source_original, tmp_path, monkeypatch):
    monkeypatch.setattr(rendering, "_CHUNK", 5)
    shift_devices(_source_original, tmp_path / "set", seed=3, workers=2)
    assert _digests(tmp_path / "set") == _digests(shifted)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"seed": -1}, "seed -1"),
        ({"share_a": 1.5}, "share 1.5 of device a"),
        ({"share_a": float("nan")}, "share nan"),
        ({"test_devices": ["a", "b"]}, "test device 'b' is unknown"),
        ({"test_devices": []}, "no test device"),
        ({"workers": 0}, "workers 0"),
    ],
)
def test_settings_out_of_range_are_refused(_source_original, tmp_path, settings, problem):
    with pytest.raises(DataError, match=problem):
        shift_devices(_source_original, tmp_path / "set", **settings)
    assert list(tmp_path.iterdir()) == []


def test_an_occupied_place_is_refused(_source_original, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DataError, match=r"is not empty .it holds notes\.txt"):
        shift_devices(_source_original, tmp_path)
    with pytest.raises(DataError, match="is a file"):
        shift_devices(_source_original, tmp_path / "notes.txt")
    with pytest.raises(DataError, match="is not empty"):
        shift_devices(_source_original, _source_original)


def test_a_damaged_recording_is_named_and_nothing_is_left(source, tmp_path):
    path = source / "audio" / "park-lyon-3-1-1-a.wav"
    path.write_bytes(b"RIFF")
    with pytest.raises(DataError, match=f"{path}: cannot be read as audio"):
        shift_devices(source, tmp_path / "set", workers=1)
    assert [p.name for p in tmp_path.iterdir()] == ["one_device"]


@pytest.mark.parametrize(
    ("fault", "shown"),
    [(KeyboardInterrupt(), KeyboardInterrupt), (OSError(28, "No space left"), DssdError)],
)
def test_an_interrupted_run_leaves_nothing(_source_original, tmp_path, monkeypatch, fault, shown):
    write, written = rendering.write_pcm, []

    def fail(path: Path, *rest: object) -> None:
        if len(written) == 5:
            raise fault
        write(path, *rest)
        written.append(path.exists())

    monkeypatch.setattr(rendering, "write_pcm", fail)
    with pytest.raises(shown):
        shift_devices(_source_original, tmp_path / "set", workers=1)
    assert written == [True] * 5
    assert list(tmp_path.iterdir()) == []


_SCRIPT = """
import sys
from dssd_tf.data.device_shift import rendering, shift_devices
if __name__ == "__main__":
    rendering._CHUNK = 2
    shift_devices(sys.argv[1], sys.argv[2], workers=2)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGTERM and SIGKILL")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_run_leaves_no_set(source, tmp_path, number):
    # Long enough that the signal comes in the middle.
    for path in list((source / "audio").iterdir()):
        import soundfile

        soundfile.write(path, [0.1] * 400_000, 8000, subtype="PCM_24")
    script, root = tmp_path / "script.py", tmp_path / "set"
    script.write_text(_SCRIPT)
    process = subprocess.Popen([sys.executable, script, source, root], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".set.*.tmp/set/audio/*.wav")):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        os.kill(process.pid, number)
        assert process.wait(60) != 0
    finally:
        process.kill()
    assert not root.exists()
    left = list(tmp_path.glob(".set.*.tmp"))
    if number == signal.SIGTERM:
        assert left == []
        return
    # Nobody can tidy up after SIGKILL, but the workers end and stop writing.
    time.sleep(3)
    before = _digests(left[0])
    time.sleep(1)
    assert _digests(left[0]) == before
    shutil.rmtree(left[0])
