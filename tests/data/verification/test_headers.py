from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.data.verification import headers
from dssd_tf.data.verification.fault import DataFault
from dssd_tf.data.verification.headers import digest, read_headers
from dssd_tf.data.verification.verify import Verification, verify
from dssd_tf.errors import DataError

RATE = 44100
Edit = Callable[[Path, Callable[[list[str]], list[str]]], None]
Record = Callable[..., None]
First = Callable[..., str]
Only = Callable[[Verification, str], DataFault]


def test_samples_that_are_none(damaged: Path, record: Record, first: First) -> None:
    """Float files are read to the end without being asked."""
    name, spoiled = first(damaged), np.full(RATE, 0.1, np.float32)
    spoiled[-1] = np.nan
    record(damaged, name, spoiled, subtype="FLOAT")
    faults = {f.check: f for f in verify(damaged).faults}
    assert set(faults) == {"audio", "bit depth"}
    assert faults["audio"].message == "holds NaN or infinite samples"


def test_a_damaged_flac_shows_only_when_it_is_read(
    damaged: Path, edit: Edit, record: Record, first: First, only: Only
) -> None:
    name = first(damaged)
    flac = name.replace(".wav", ".flac")
    record(damaged, flac)
    (damaged / name).unlink()
    for table in ("meta.csv", "evaluation_setup/fold1_train.csv"):
        edit(damaged / table, lambda rows: [row.replace(name, flac) for row in rows])
    assert verify(damaged, audio="samples").faults == []
    content = (damaged / flac).read_bytes()
    (damaged / flac).write_bytes(content[: len(content) // 2])
    assert verify(damaged).faults == []
    assert only(verify(damaged, audio="samples"), "audio").file == flac


FORMS = {
    "u8.wav": ("PCM_U8", 8),
    "16.wav": ("PCM_16", 16),
    "24.wav": ("PCM_24", 24),
    "float.wav": ("FLOAT", 32),
    "double.wav": ("DOUBLE", 64),
    "24.flac": ("PCM_24", 24),
    "lossy.ogg": ("VORBIS", 0),
}


@pytest.fixture
def recordings(tmp_path: Path) -> dict[str, int]:
    """A stereo recording of 500 samples at 8 kHz of each form, and the bytes of each."""
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, (500, 2))
    for name, (subtype, _) in FORMS.items():
        soundfile.write(tmp_path / name, audio, 8000, subtype=subtype)
    return {name: (tmp_path / name).stat().st_size for name in FORMS}


@pytest.mark.parametrize("whole", [False, True])
def test_every_form_is_read_in_the_order_given(
    recordings: dict[str, int], tmp_path: Path, whole: bool
) -> None:
    table = read_headers(tmp_path, recordings, whole=whole)
    assert table["filename"].to_list() == list(FORMS)
    assert set(zip(table["rate"], table["channels"], table["frames"], strict=True)) == {
        (8000, 2, 500)
    }
    assert list(zip(table["subtype"], table["bits"], strict=True)) == list(FORMS.values())
    assert set(table["fault"]) == {""}
    assert table["head"].nunique() == len(FORMS)


def test_what_cannot_be_read_is_a_fault_of_its_own_row(
    recordings: dict[str, int], tmp_path: Path
) -> None:
    (tmp_path / "text.wav").write_text("no audio")
    (tmp_path / "headerless.raw").write_bytes(bytes(64))
    sizes = {"gone.wav": 1, "text.wav": 8, "headerless.raw": 64, "16.wav": recordings["16.wav"]}
    table = read_headers(tmp_path, sizes).set_index("filename")
    assert table.loc["16.wav", "fault"] == ""
    for name in ("gone.wav", "text.wav", "headerless.raw"):
        assert table.loc[name, "fault"].startswith("cannot be read as audio (")
        assert "\n" not in table.loc[name, "fault"]
        assert (table.loc[name, ["rate", "channels", "frames", "bits"]] == 0).all()
    assert "No such file" in table.loc["gone.wav", "fault"]


def test_no_recordings_give_an_empty_table(tmp_path: Path) -> None:
    table = read_headers(tmp_path, {})
    assert table.empty and "bits" in table.columns


def test_a_worker_that_dies_is_an_error_with_a_remedy(
    recordings: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Future:
        def result(self) -> None:
            raise BrokenProcessPool("gone")

    class Pool(ThreadPoolExecutor):
        def __init__(self, workers: int, mp_context: object):
            super().__init__(workers)

        def submit(self, *arguments: object) -> Future:  # type: ignore[override]
            return Future()

    monkeypatch.setattr(headers, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(headers, "_CHUNK", 2)
    with pytest.raises(DataError, match=r"a worker process died.*try --workers 1") as caught:
        read_headers(tmp_path, recordings, workers=2)
    assert str(tmp_path) in str(caught.value)


def test_a_digest_is_of_the_beginning_or_of_all(tmp_path: Path) -> None:
    short, long = tmp_path / "short", tmp_path / "long"
    short.write_bytes(bytes(3_000_000))
    long.write_bytes(bytes(3_000_000) + b"x")
    assert digest(short, 100) == digest(long, 100)
    assert digest(short) != digest(long)
    assert digest(short) == digest(short, 3_000_000) == digest(long, 3_000_000)
    assert len(digest(short)) == 8
