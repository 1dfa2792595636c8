"""Reading audio in order and in bounded memory: from a file, a pipe or standard input."""

import contextlib
import wave
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data.truncated_wav import warn_of_truncated_wav
from dssd_tf.errors import DataError
from dssd_tf.progress import warn

BLOCK_SECONDS = 0.1
"""Seconds read at a time: what comes from a live source waits no longer."""

_WIDTHS = (2, 3, 4)
_FIX_PIPE = "send a WAV of 16-bit PCM, or raw 16-bit little-endian mono samples with --rate"

Blocks = Iterator[NDArray[np.float32]]


def stream_audio(
    source: Path | BinaryIO, sampling_rate: int, *, pcm_rate: int | None = None
) -> Blocks:
    """Yield blocks (samples,) of mono audio, values in [-1, 1], as they come.

    Joined, the blocks of a file are the waveform that `ClipReader` gives: channels are averaged,
    another rate is resampled by the same filter. Resampling a live source takes about a tenth of
    a second of look-ahead. A WAV file that is shorter than its header says is warned of.

    Args:
        source: A file, a named pipe, or an open binary file such as standard input. A file may
            be of any kind that libsndfile reads; a pipe carries a WAV of 16-, 24- or 32-bit PCM.
        sampling_rate: Hz of the blocks.
        pcm_rate: Hz of a source that holds raw samples without a header: signed 16-bit
            little-endian, mono. None where a header tells.

    Raises:
        DataError: The source is missing, cannot be read, is empty or holds NaN.
    """
    name, samples = _name(source), 0
    try:
        with contextlib.ExitStack() as opened:
            rate, blocks = _open(source, pcm_rate, opened)
            if rate != sampling_rate:
                blocks = _resampled(blocks, rate, sampling_rate)
            for block in blocks:
                if not np.isfinite(block).all():
                    raise DataError("holds NaN or infinite samples", path=name)
                samples += block.size
                yield block
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror or error})", path=name) from error
    if samples == 0:
        raise DataError("holds no samples", path=name)


def _open(
    source: Path | BinaryIO, pcm_rate: int | None, opened: contextlib.ExitStack
) -> tuple[int, Blocks]:
    """The source's own rate, and its blocks; `opened` closes what is opened here."""
    if not isinstance(source, Path):
        return _open_pipe(source, _name(source), pcm_rate, opened)
    if source.is_dir():
        raise DataError("is a folder, not a recording", path=source, fix="name one of its files")
    if not source.exists():
        raise DataError("no such recording", path=source)
    if pcm_rate is None and source.is_file():
        return _open_file(source, opened)
    return _open_pipe(opened.enter_context(source.open("rb")), str(source), pcm_rate, opened)


def _open_file(path: Path, opened: contextlib.ExitStack) -> tuple[int, Blocks]:
    import soundfile

    try:
        audio = opened.enter_context(soundfile.SoundFile(path))
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        # TypeError: headerless audio (.raw), whose rate nothing tells.
        raise DataError(
            f"cannot be read as audio ({error})",
            path=path,
            fix="give the rate of raw 16-bit samples by --rate",
        ) from error
    warn_of_truncated_wav(path)

    def blocks() -> Blocks:
        size = _block(audio.samplerate)
        try:
            while len(block := audio.read(size, dtype="float32", always_2d=True)):
                yield _mono(block)
        except (soundfile.LibsndfileError, RuntimeError) as error:
            problem = f"cannot be read as audio ({error})"
            raise DataError(problem, path=path, fix="copy the file again") from error

    return audio.samplerate, blocks()


def _open_pipe(
    file: BinaryIO, name: str, pcm_rate: int | None, opened: contextlib.ExitStack
) -> tuple[int, Blocks]:
    if pcm_rate is not None:
        return pcm_rate, _raw_blocks(file, name, pcm_rate)
    try:
        # Its header may tell any length: the samples end where the pipe does.
        audio = opened.enter_context(wave.Wave_read(file))
    except (wave.Error, EOFError) as error:
        reason = str(error) or "it ends before the samples"
        raise DataError(f"is not a WAV ({reason})", path=name, fix=_FIX_PIPE) from error
    rate, channels, width = audio.getframerate(), audio.getnchannels(), audio.getsampwidth()
    if width not in _WIDTHS or rate < 1:
        raise DataError(f"holds {8 * width}-bit samples at {rate} Hz", path=name, fix=_FIX_PIPE)

    def blocks() -> Blocks:
        while content := audio.readframes(_block(rate)):
            whole = len(content) - len(content) % (width * channels)
            yield _mono(_scaled(content[:whole], width).reshape(-1, channels))

    return rate, blocks()


def _raw_blocks(file: BinaryIO, name: str, rate: int) -> Blocks:
    first = True
    while content := file.read(2 * _block(rate)):
        if first and content.startswith((b"RIFF", b"fLaC", b"OggS")):
            raise DataError(
                "has a header, so it holds no raw samples", path=name, fix="leave --rate out"
            )
        first = False
        if len(content) % 2:
            warn(f"{name}: ends within a sample; its last byte is left out")
        yield _scaled(content[: len(content) // 2 * 2], 2)


def _resampled(blocks: Iterable[NDArray[np.float32]], rate: int, wanted: int) -> Blocks:
    import soxr

    resampler = soxr.ResampleStream(rate, wanted, 1, dtype="float32")
    for block in blocks:
        yield resampler.resample_chunk(block)
    yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)


def _scaled(content: bytes, width: int) -> NDArray[np.float32]:
    """Little-endian signed samples of `width` bytes as values in [-1, 1)."""
    samples = np.frombuffer(content, np.uint8).reshape(-1, width)
    # Put into the upper bytes of 32 bits, so that one scale holds for every width.
    words = np.zeros((len(samples), 4), np.uint8)
    words[:, 4 - width :] = samples
    return words.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)


def _mono(block: NDArray[np.float32]) -> NDArray[np.float32]:
    return block[:, 0] if block.shape[1] == 1 else block.mean(axis=1, dtype=np.float32)


def _block(rate: int) -> int:
    return max(1, round(rate * BLOCK_SECONDS))


def _name(source: Path | BinaryIO) -> str:
    return str(source) if isinstance(source, Path) else "standard input"
