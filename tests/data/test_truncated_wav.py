import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.data.truncated_wav import TruncatedWav, truncated_wav, warn_of_truncated_wav

RATE = 8000


def _write(path: Path, seconds: float = 2.0, **form: str) -> Path:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, round(RATE * seconds))
    soundfile.write(path, noise, RATE, **form)
    return path


def _chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    length = len(content) if size is None else size
    return name + struct.pack("<I", length) + content + b"\0" * (len(content) % 2)


def _wav(*chunks: bytes, kind: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return kind + struct.pack("<I", len(body)) + body


FORMAT = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16))
SECOND = bytes(2 * RATE)


@pytest.mark.parametrize(
    ("format", "subtype"),
    [
        ("WAV", "PCM_U8"),
        ("WAV", "PCM_16"),
        ("WAV", "PCM_24"),
        ("WAV", "FLOAT"),
        ("WAV", "ULAW"),
        ("WAVEX", "PCM_16"),
        ("RF64", "PCM_16"),
    ],
)
def test_only_a_file_without_its_end_is_truncated(
    tmp_path: Path, format: str, subtype: str
) -> None:
    path = _write(tmp_path / "x.wav", format=format, subtype=subtype)
    assert truncated_wav(path) is None
    content = path.read_bytes()
    path.write_bytes(content[: -len(content) // 4])
    found = truncated_wav(path)
    assert found is not None
    assert found.promised == pytest.approx(2, abs=0.01)
    assert found.held == pytest.approx(1.5, abs=0.02)
    # What libsndfile makes of it, silently.
    assert soundfile.info(path).duration == pytest.approx(found.held, abs=0.001)


def test_other_byte_order(tmp_path: Path) -> None:
    path = _write(tmp_path / "x.wav", format="WAV", subtype="PCM_16", endian="BIG")
    assert path.read_bytes().startswith(b"RIFX") and truncated_wav(path) is None
    path.write_bytes(path.read_bytes()[:16044])
    assert truncated_wav(path) == TruncatedWav(2.0, 1.0)


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_a_stream_s_header_promises_nothing(tmp_path: Path, size: int) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(_wav(FORMAT, _chunk(b"data", SECOND, size)))
    assert truncated_wav(path) is None


def test_chunks_before_and_behind_are_stepped_over(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    note, odd = _chunk(b"LIST", b"odd"), _chunk(b"data", SECOND + b"\0")
    path.write_bytes(_wav(note, FORMAT, note, odd, note))
    assert truncated_wav(path) is None
    # The padding of an odd length may be missing: nothing is lost.
    path.write_bytes(_wav(FORMAT, odd)[:-1])
    assert truncated_wav(path) is None
    path.write_bytes(_wav(note, FORMAT, note, _chunk(b"data", SECOND, 3 * len(SECOND))))
    assert str(truncated_wav(path)) == "header promises 3.00 s, the file ends at 1.00 s"


def test_a_header_that_counts_itself_is_forgiven(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(_wav(FORMAT, _chunk(b"data", SECOND, len(SECOND) + 44)))
    assert truncated_wav(path) is None


def test_what_is_no_wav_is_not_judged(tmp_path: Path) -> None:
    flac = _write(tmp_path / "x.flac")
    flac.write_bytes(flac.read_bytes()[:1000])
    text, half = tmp_path / "text.wav", tmp_path / "half.wav"
    text.write_text("no sound")
    half.write_bytes(_wav(FORMAT)[:30])
    for path in (flac, text, half, tmp_path / "none.wav", tmp_path):
        assert truncated_wav(path) is None


def test_the_warning_names_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _write(tmp_path / "x.wav", subtype="PCM_16")
    warn_of_truncated_wav(path)
    assert capsys.readouterr().err == ""
    path.write_bytes(path.read_bytes()[:16044])
    warn_of_truncated_wav(path)
    told = "header promises 2.00 s, the file ends at 1.00 s"
    assert capsys.readouterr().err == f"warning: {path}: {told}; copy it again\n"
