"""Reading the headers, and on demand the samples, of many recordings in worker processes."""

import hashlib
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pandas as pd

from dssd_tf.data.truncated_wav import truncated_wav
from dssd_tf.errors import DataError
from dssd_tf.progress import bar

_CHUNK = 256
# Starting a worker takes longer than reading this many headers.
_FEW = 2000
# Enough to tell recordings apart that are not silent; those it does not are compared whole.
_HEAD_BYTES = 8192

_BITS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
_FLOATS = {"FLOAT": 32, "DOUBLE": 64}

Header = tuple[str, int, int, int, str, int, str, str]


def read_headers(
    root: Path, sizes: dict[str, int], *, whole: bool = False, workers: int | None = None
) -> pd.DataFrame:
    """The headers of recordings.

    Files with float samples, the only ones that can hold NaN, are always read to the end.

    Args:
        root: The dataset's folder.
        sizes: Bytes of each recording, by name relative to `root`.
        whole: Read the samples of every file.
        workers: Processes; None takes one a core, and this one where the files are few.

    Returns:
        One row a file in the order of `sizes`: filename, rate (Hz), channels, frames (samples of
        one channel), subtype (libsndfile's), bits (a sample), head (digest of the beginning),
        fault (why it cannot be used, else empty), truncated (how far a WAV falls short of its
        header, else empty).

    Raises:
        DataError: A worker died.
    """
    names = list(sizes)
    chunks = [names[start : start + _CHUNK] for start in range(0, len(names), _CHUNK)]
    count = workers or (1 if len(names) < _FEW and not whole else os.cpu_count() or 1)
    rows: list[Header] = []
    with bar("reading recordings", len(names)) as advance:
        for part in _parts(root, chunks, whole, min(count, len(chunks))):
            rows += part
            advance(len(part))
    columns = ["filename", "rate", "channels", "frames", "subtype", "head", "fault", "truncated"]
    table = pd.DataFrame(rows, columns=columns)
    table["bits"] = table["subtype"].map(_BITS | _FLOATS).fillna(0).astype(int)
    return table


def digest(path: Path, length: int = -1) -> bytes:
    """BLAKE2b, 8 bytes, of a file's first `length` bytes; of the whole file if it is -1."""
    hasher = hashlib.blake2b(digest_size=8)
    with path.open("rb") as stream:
        if length >= 0:
            hasher.update(stream.read(length))
        else:
            while block := stream.read(1 << 20):
                hasher.update(block)
    return hasher.digest()


def _parts(
    root: Path, chunks: Sequence[list[str]], whole: bool, workers: int
) -> Iterator[list[Header]]:
    if workers <= 1:
        for chunk in chunks:
            yield _read_chunk(root, chunk, whole)
        return
    # Spawned, not forked: a fork of a process with threads may hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        futures = [pool.submit(_read_chunk, root, chunk, whole) for chunk in chunks]
        try:
            while futures:
                yield futures.pop(0).result()
        except BrokenProcessPool as error:
            raise DataError(
                "a worker process died while it read recordings",
                path=root,
                fix="there may be too little memory: try --workers 1",
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _read_chunk(root: Path, names: Sequence[str], whole: bool) -> list[Header]:
    return [_read(root, name, whole) for name in names]


def _read(root: Path, name: str, whole: bool) -> Header:
    import soundfile

    path, head = root / name, 0
    try:
        head = int.from_bytes(digest(path, _HEAD_BYTES), "big", signed=True)
        with soundfile.SoundFile(path) as file:
            fault = ""
            if whole or file.subtype in _FLOATS:
                fault = _sample_fault(file)
            form = file.samplerate, file.channels, file.frames, file.subtype
            return name, *form, head, fault, str(truncated_wav(path) or "")
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        # TypeError: headerless audio (.raw), whose rate nothing tells.
        reason = getattr(error, "error_string", str(error)).strip()
    except OSError as error:
        reason = error.strerror or str(error)
    return name, 0, 0, 0, "", head, f"cannot be read as audio ({reason})", ""


def _sample_fault(file: Any) -> str:
    import numpy as np

    read = 0
    for block in file.blocks(1 << 16, dtype="float32"):
        if not np.isfinite(block).all():
            return "holds NaN or infinite samples"
        read += len(block)
    return "" if read == file.frames else f"ends after {read} of {file.frames} samples"
