"""The work on one chunk: read its recordings, compute what is stored, write the shard."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data.audio import ClipReader
from dssd_tf.data.cache.clip_file import ClipFile, file_digest, look_at
from dssd_tf.data.cache.plan import Chunk
from dssd_tf.data.cache.settings import EntrySettings
from dssd_tf.data.cache.shard import StoredClip, write_shard
from dssd_tf.errors import DataError
from dssd_tf.features import LogMelExtractor
from dssd_tf.features.finish import DEVIATION_FLOOR

_INT16 = 32768.0


@dataclass
class ChunkResult:
    """What came of a chunk: clips computed (0 if another writer had been there), bytes written,
    and conversions by kind."""

    clips: int = 0
    bytes: int = 0
    converted: Counter[str] = field(default_factory=Counter)


def compute_chunk(chunk: Chunk, each: Callable[[], None] = lambda: None) -> ChunkResult:
    """Write the chunk's shard, unless it is there; `each` is called after every clip.

    Raises:
        DataError: A recording cannot be used, or changed while it was read.
        DssdError: The shard cannot be written.
    """
    if chunk.folder.is_dir():
        return ChunkResult()
    settings = chunk.settings
    reader = ClipReader(settings.sampling_rate, settings.clip_seconds, settings.audio)
    store = _store_features(settings) if settings.kind == "features" else _store_waveform(settings)

    def clips() -> Iterator[StoredClip]:
        for file in chunk.files:
            yield _stored(chunk, file, reader, store)
            each()

    size = write_shard(chunk.entry, settings, chunk.files, clips())
    return ChunkResult(len(chunk.files), size, reader.converted)


def standardised(raw: NDArray[np.float32], dtype: str) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """A clip's raw log-mel with mean and deviation taken out, and these two, (2,).

    `mean + deviation * values` gives the raw log-mel back, to the precision of `dtype`.
    """
    exact = raw.astype(np.float64)
    deviation = exact.std(ddof=1) if exact.size > 1 else 0.0
    scale = np.array([exact.mean(), max(deviation, DEVIATION_FLOOR)], dtype=np.float32)
    values = (exact - np.float64(scale[0])) / np.float64(scale[1])
    return values.astype(dtype), scale


def from_int16(values: NDArray[np.int16]) -> NDArray[np.float32]:
    """Waveforms in [-1, 1) from 16-bit integers."""
    return values.astype(np.float32) / np.float32(_INT16)


_Store = Callable[[NDArray[np.float32]], tuple[NDArray[Any], NDArray[np.float32] | None]]


def _stored(chunk: Chunk, file: ClipFile, reader: ClipReader, store: _Store) -> StoredClip:
    path = chunk.root / file.name
    digest = file_digest(path)
    waveform = reader(path)
    try:
        values, scale = store(waveform)
    except ValueError as error:
        raise DataError(str(error), path=path) from error
    if look_at(chunk.root, file.name) != file:
        raise DataError(
            "changed while it was being prepared", path=path, fix="run the same command again"
        )
    return StoredClip(values, scale, digest)


def _store_features(settings: EntrySettings) -> _Store:
    assert settings.log_mel is not None
    extract = LogMelExtractor(settings.log_mel)
    return lambda waveform: standardised(extract.log_mel(waveform), settings.dtype)


def _store_waveform(settings: EntrySettings) -> _Store:
    if settings.dtype == "int16":
        return lambda waveform: (
            np.clip(np.rint(waveform * _INT16), -_INT16, _INT16 - 1).astype(np.int16),
            None,
        )
    return lambda waveform: (waveform, None)
