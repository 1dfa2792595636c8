"""Features of a list of clips, computed once and kept in shards."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data.audio import ClipReader
from dssd_tf.data.config import DataConfig
from dssd_tf.errors import DataError
from dssd_tf.features import LogMelConfig, LogMelExtractor
from dssd_tf.files import atomic_path, read_json, write_json
from dssd_tf.progress import bar, warn

FEATURE_VERSION = 1
"""Raised whenever the same configuration would give other numbers."""

SHARD_CLIPS = 256


class FeatureStore:
    """Prepared features, read from their shards on demand.

    Args:
        folder: A finished cache folder.

    Raises:
        DssdError: The folder has no readable manifest.
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        manifest = read_json(self.folder / "manifest.json")
        self.filenames: list[str] = manifest["filenames"]
        self.shape: tuple[int, int, int] = tuple(manifest["shape"])
        self._shard_clips: int = manifest["shard_clips"]
        self._position = {name: i for i, name in enumerate(self.filenames)}
        self._shards: dict[int, NDArray[np.float16]] = {}

    def __len__(self) -> int:
        return len(self.filenames)

    def positions(self, filenames: Iterable[str]) -> NDArray[np.int64]:
        """Where each clip stands in the store.

        Raises:
            DataError: A clip is not in the store.
        """
        try:
            return np.array([self._position[name] for name in filenames], dtype=np.int64)
        except KeyError as error:
            raise DataError(f"has no features of {error.args[0]}", path=self.folder) from error

    def gather(self, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        """Features (clips, time, frequency, channels) at `positions`, in that order."""
        batch = np.empty((len(positions), *self.shape), dtype=np.float32)
        shards = positions // self._shard_clips
        for shard in np.unique(shards):
            rows = np.flatnonzero(shards == shard)
            batch[rows] = self._shard(int(shard))[positions[rows] % self._shard_clips]
        return batch

    def _shard(self, index: int) -> NDArray[np.float16]:
        if index not in self._shards:
            self._shards[index] = np.load(shard_path(self.folder, index), mmap_mode="r")
        return self._shards[index]


def prepare_features(
    root: Path,
    filenames: Sequence[str],
    data: DataConfig,
    features: LogMelConfig,
    cache: Path,
    *,
    description: str = "log-mel features",
) -> FeatureStore:
    """Compute the features that `cache` does not hold yet, and open them.

    The cache's folder is named by a digest of the front end, the audio policy, and every
    file's name, size and modification time: whatever changes, stale features are never served.
    Shards are written atomically, so a killed preparation goes on where it stopped.

    Raises:
        DataError: A clip cannot be read.
        DssdError: The cache cannot be written.
    """
    samples = round(features.sampling_rate * data.clip_seconds)
    shape = features.shape(samples)
    folder = Path(cache) / _digest(root, filenames, data, features)
    manifest = folder / "manifest.json"
    if manifest.is_file():
        return FeatureStore(folder)
    reader = ClipReader(features.sampling_rate, data.clip_seconds, data.audio)
    extract = LogMelExtractor(features)
    with bar(description, len(filenames)) as advance:
        for index, start in enumerate(range(0, len(filenames), SHARD_CLIPS)):
            names = filenames[start : start + SHARD_CLIPS]
            path = shard_path(folder, index)
            if path.is_file():
                advance(len(names))
                continue
            shard = np.empty((len(names), *shape), dtype=np.float16)
            for row, name in enumerate(names):
                shard[row] = _extract(extract, reader, root / name)
                advance()
            with atomic_path(path) as part, part.open("wb") as file:
                np.save(file, shard)
    for line in reader.warnings():
        warn(line)
    write_json(
        manifest,
        {
            "version": FEATURE_VERSION,
            "features": features.model_dump(mode="json"),
            "shape": shape,
            "shard_clips": SHARD_CLIPS,
            "filenames": list(filenames),
        },
    )
    return FeatureStore(folder)


def shard_path(folder: Path, index: int) -> Path:
    """File of the shard `index`."""
    return folder / f"shard-{index:05d}.npy"


def _extract(extract: LogMelExtractor, reader: ClipReader, path: Path) -> NDArray[np.float32]:
    try:
        return extract(reader(path))
    except ValueError as error:
        raise DataError(str(error), path=path) from error


def _digest(root: Path, filenames: Sequence[str], data: DataConfig, features: LogMelConfig) -> str:
    identity: list[Any] = []
    for name in filenames:
        try:
            status = (root / name).stat()
        except FileNotFoundError as error:
            raise DataError("no such recording", path=root / name) from error
        identity.append((name, status.st_size, status.st_mtime_ns))
    key = {
        "version": FEATURE_VERSION,
        "features": features.model_dump(mode="json"),
        "audio": data.audio.model_dump(mode="json"),
        "clip_seconds": data.clip_seconds,
        "shard_clips": SHARD_CLIPS,
        "files": identity,
    }
    text = json.dumps(key, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
