"""Reading prepared clips: mapped shards, a few open at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data.cache.compute import from_int16
from dssd_tf.data.cache.settings import EntrySettings
from dssd_tf.data.cache.shard import open_scale, open_values
from dssd_tf.errors import DataError
from dssd_tf.features import LogMelConfig
from dssd_tf.features.finish import finish

_OPEN_SHARDS = 128


@dataclass(frozen=True)
class Locations:
    """Where the clips of a list lie in an entry.

    Args:
        entry: The entry's folder.
        settings: Its settings.
        shards: Names of its shards.
        filenames: The clips.
        shard: Index in `shards` of each clip, (clips,).
        row: Row in that shard, (clips,).
    """

    entry: Path
    settings: EntrySettings
    shards: list[str]
    filenames: list[str]
    shard: NDArray[np.int64]
    row: NDArray[np.int64]


class ClipStore:
    """What stores of features and of waveforms share.

    Args:
        locations: The clips and where they lie.
    """

    def __init__(self, locations: Locations):
        self._at = locations
        self.folder = locations.entry
        self.filenames = locations.filenames
        # Each open map holds a file descriptor, of which a process has a thousand or so.
        self._values = lru_cache(maxsize=_OPEN_SHARDS)(self._open_values)
        self._scale = lru_cache(maxsize=None)(self._open_scale)

    def __len__(self) -> int:
        return len(self.filenames)

    def positions(self, filenames: Iterable[str]) -> NDArray[np.int64]:
        """Where each clip stands in the store, (clips,).

        Raises:
            DataError: A clip is not in the store.
        """
        try:
            return np.array([self._position[name] for name in filenames], dtype=np.int64)
        except KeyError as error:
            kind = self._at.settings.kind
            raise DataError(f"has no {kind} of {error.args[0]}", path=self.folder) from error

    def _gather_values(self, positions: NDArray[np.int64]) -> NDArray[Any]:
        settings = self._at.settings
        batch = np.empty((len(positions), *settings.clip_shape), dtype=settings.dtype)
        for shard, into, rows in self._by_shard(positions):
            batch[into] = self._values(shard)[rows]
        return batch

    def _gather_scale(self, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        batch = np.empty((len(positions), 2), dtype=np.float32)
        for shard, into, rows in self._by_shard(positions):
            batch[into] = self._scale(shard)[rows]
        return batch

    def _by_shard(
        self, positions: NDArray[np.int64]
    ) -> Iterable[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
        """(shard, places in the batch, rows of the shard)."""
        shards = self._at.shard[positions]
        for shard in np.unique(shards):
            into = np.flatnonzero(shards == shard)
            yield int(shard), into, self._at.row[positions[into]]

    def _open_values(self, shard: int) -> NDArray[Any]:
        return open_values(self.folder / self._at.shards[shard], self._at.settings)

    def _open_scale(self, shard: int) -> NDArray[np.float32]:
        return open_scale(self.folder / self._at.shards[shard])

    @cached_property
    def _position(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.filenames)}


class FeatureStore(ClipStore):
    """Prepared log-mels.

    Stored is each clip's raw log-mel with its mean and deviation taken out, and these beside it;
    deltas and standardisation are applied when it is read.

    Args:
        locations: The clips and where they lie.
        features: The front end.
    """

    domain: ClassVar[Literal["log_mel"]] = "log_mel"

    def __init__(self, locations: Locations, features: LogMelConfig):
        super().__init__(locations)
        self.features = features
        self.shape: tuple[int, int, int] = features.shape(locations.settings.samples)
        """(time, frequency, channels) of finished features."""

    def gather(self, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        """Finished features (clips, time, frequency, channels) at `positions`, in that order.

        Raises:
            DataError: A shard is damaged.
        """
        if not len(positions):
            return np.empty((0, *self.shape), dtype=np.float32)
        return finish(self._raw(positions), self.features)

    def gather_raw(self, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        """Raw log-mels (clips, time, frequency), log10 of power, as the extractor gives them.

        Raises:
            DataError: A shard is damaged.
        """
        return self._raw(positions).astype(np.float32)

    def read(self, positions: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.float32]]:
        """Values (clips, time, frequency) as they are stored, and mean and deviation (clips, 2).

        Raises:
            DataError: A shard is damaged.
        """
        return self._gather_values(positions), self._gather_scale(positions)

    def _raw(self, positions: NDArray[np.int64]) -> NDArray[np.float64]:
        # In float64, or a nearly silent clip would come back as steps of float32.
        values, scale = self.read(positions)
        wide = scale.astype(np.float64)
        return values * wide[:, 1, None, None] + wide[:, 0, None, None]


class WaveformStore(ClipStore):
    """Prepared waveforms.

    Args:
        locations: The clips and where they lie.
    """

    domain: ClassVar[Literal["waveform"]] = "waveform"

    def __init__(self, locations: Locations):
        super().__init__(locations)
        self.shape: tuple[int] = (locations.settings.samples,)
        """(samples,)."""
        self.sampling_rate = locations.settings.sampling_rate
        """Hz."""

    def gather(self, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        """Waveforms (clips, samples) in [-1, 1] at `positions`, in that order.

        Raises:
            DataError: A shard is damaged.
        """
        (values,) = self.read(positions)
        return from_int16(values) if values.dtype == np.int16 else values

    def read(self, positions: NDArray[np.int64]) -> tuple[NDArray[Any]]:
        """Values (clips, samples) as they are stored.

        Raises:
            DataError: A shard is damaged.
        """
        return (self._gather_values(positions),)
