import io
import os
import threading
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.data import AudioConfig, ClipReader
from dssd_tf.data.audio_stream import stream_audio
from dssd_tf.errors import DataError

LENIENT = AudioConfig(sampling_rate_mismatch="resample", multichannel="downmix")


class Pipe(io.RawIOBase):
    """Bytes that can be read once, in order, and not sought; they come a few at a time."""

    def __init__(self, content: bytes):
        self._file = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._file.readinto(buffer[:777])


@pytest.fixture
def pipe() -> Callable[[bytes], io.BufferedReader]:
    return lambda content: io.BufferedReader(Pipe(content))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write 0.73 s of noise, as WAV of a rate, of channels, of a subtype."""

    def make(rate: int = 8000, channels: int = 1, subtype: str = "PCM_16") -> Path:
        noise = np.random.default_rng(5).normal(0, 0.2, (round(0.73 * rate), channels))
        path = tmp_path / f"{rate}_{channels}_{subtype}.wav"
        soundfile.write(path, noise.clip(-1, 0.99), rate, subtype)
        return path

    return make


def joined(*arguments: object, **options: object) -> np.ndarray:
    return np.concatenate(list(stream_audio(*arguments, **options)))  # type: ignore[arg-type]


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT", "PCM_U8"])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (8000, 2), (11025, 1), (48000, 2)])
def test_a_file_streams_as_it_is_read_whole(
    write: Callable, rate: int, channels: int, subtype: str
) -> None:
    path = write(rate, channels, subtype)
    whole = ClipReader(8000, None, LENIENT)(path)
    np.testing.assert_allclose(joined(path, 8000), whole, atol=1e-6)
    if rate == 8000 and channels == 1:
        np.testing.assert_array_equal(joined(path, 8000), whole)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32"])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (8000, 3), (11025, 2)])
def test_a_pipe_carries_the_same_as_the_file(
    write: Callable, pipe: Callable, rate: int, channels: int, subtype: str
) -> None:
    path = write(rate, channels, subtype)
    content = path.read_bytes()
    if channels > 2:  # soundfile writes another kind of header then
        audio, _ = soundfile.read(path, dtype="int32", always_2d=True)
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setparams((channels, 4, rate, 0, "NONE", ""))
            writer.writeframes(audio.astype("<i4").tobytes())
        content = file.getvalue()
    np.testing.assert_allclose(joined(pipe(content), 8000), joined(path, 8000), atol=1e-7)


def test_raw_samples_are_those_of_the_wav(write: Callable, pipe: Callable, tmp_path: Path) -> None:
    path = write(11025)
    samples, _ = soundfile.read(path, dtype="int16")
    content = samples.astype("<i2").tobytes()
    (tmp_path / "x.raw").write_bytes(content)
    for source in (pipe(content), tmp_path / "x.raw"):
        np.testing.assert_array_equal(joined(source, 8000, pcm_rate=11025), joined(path, 8000))


def test_a_header_that_promises_too_much_ends_with_the_pipe(
    write: Callable, pipe: Callable
) -> None:
    path = write()
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    np.testing.assert_array_equal(joined(pipe(bytes(content)), 8000), joined(path, 8000))
    # Cut within a sample of three channels' worth: the part is left out.
    assert joined(pipe(bytes(content[:-3])), 8000).size == joined(path, 8000).size - 2


def test_a_named_pipe_is_read_as_it_fills(write: Callable, tmp_path: Path) -> None:
    path, fifo = write(), tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(path.read_bytes(),), daemon=True)
    writer.start()
    np.testing.assert_array_equal(joined(fifo, 8000), joined(path, 8000))
    writer.join()


def test_a_block_comes_before_the_next_is_read() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb", buffering=0) as sink:
        blocks = stream_audio(source, 8000, pcm_rate=8000)
        for value in (1, 2, 3):
            sink.write(np.full(800, value, "<i2").tobytes())
            np.testing.assert_array_equal(next(blocks), np.full(800, value / 2**15, np.float32))
        sink.close()
        assert next(blocks, None) is None


def test_half_a_sample_is_told(pipe: Callable, capsys: pytest.CaptureFixture[str]) -> None:
    found = joined(pipe(b"\x00\x40\xff"), 8000, pcm_rate=8000)
    np.testing.assert_array_equal(found, [0.5])
    assert "standard input: ends within a sample" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "rate", "problem"),
    [
        (b"", None, "is not a WAV (it ends before the samples)"),
        (b"", 8000, "holds no samples"),
        (b"no audio at all", None, "is not a WAV"),
        (b"RIFF....WAVE", 8000, "has a header, so it holds no raw samples — leave --rate out"),
    ],
)
def test_what_is_no_stream_is_refused(
    pipe: Callable, content: bytes, rate: int | None, problem: str
) -> None:
    with pytest.raises(DataError) as refused:
        joined(pipe(content), 8000, pcm_rate=rate)
    assert str(refused.value).startswith(f"standard input: {problem}")
    assert "\n" not in str(refused.value)


def test_eight_bits_through_a_pipe_are_refused(write: Callable, pipe: Callable) -> None:
    with pytest.raises(DataError, match=r"holds 8-bit samples at 8000 Hz — send a WAV of 16-bit"):
        joined(pipe(write(subtype="PCM_U8").read_bytes()), 8000)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.raw").write_bytes(bytes(100))
    (tmp_path / "x.wav").write_bytes(b"RIFF nothing")
    for name, problem in {
        "none.wav": "no such recording",
        "": "is a folder, not a recording — name one of its files",
        "x.raw": r"cannot be read as audio .* — give the rate of raw 16-bit samples by --rate",
        "x.wav": "cannot be read as audio",
    }.items():
        with pytest.raises(DataError, match=problem) as refused:
            joined(tmp_path / name, 8000)
        assert refused.value.path == tmp_path / name


def test_nan_is_refused_where_it_stands(tmp_path: Path) -> None:
    samples = np.zeros(2000, np.float32)
    samples[1000] = np.nan
    soundfile.write(tmp_path / "nan.wav", samples, 8000, "FLOAT")
    blocks = stream_audio(tmp_path / "nan.wav", 8000)
    assert next(blocks).size == 800
    with pytest.raises(DataError, match="NaN"):
        next(blocks)


def test_a_file_that_lost_its_end_is_warned_of(
    write: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write()
    path.write_bytes(path.read_bytes()[:8044])
    assert joined(path, 8000).size == 4000
    (line,) = capsys.readouterr().err.splitlines()
    assert "header promises 0.73 s, the file ends at 0.50 s" in line
