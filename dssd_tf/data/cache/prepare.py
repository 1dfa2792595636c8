"""Filling the cache: find what is missing, compute it, open the whole."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dssd_tf.data.cache.clip_file import look_at_all
from dssd_tf.data.cache.cluster import work_on_cluster
from dssd_tf.data.cache.index import CacheIndex
from dssd_tf.data.cache.plan import Part, plan_chunks
from dssd_tf.data.cache.pool import work_on
from dssd_tf.data.cache.settings import (
    EntrySettings,
    feature_settings,
    make_entry,
    waveform_settings,
)
from dssd_tf.data.cache.store import FeatureStore, Locations, WaveformStore
from dssd_tf.data.cache.tag import mark_cache
from dssd_tf.data.config import DataConfig
from dssd_tf.data.processes import available_cores
from dssd_tf.errors import DataError
from dssd_tf.features import LogMelConfig
from dssd_tf.files import remove_leftovers
from dssd_tf.progress import bar, warn

_DEAD_SECONDS = 3600.0
"""A writer that wrote nothing for so long is taken for dead, and what it left is removed."""


@dataclass(frozen=True)
class Means:
    """With what the cache is filled.

    Args:
        workers: Processes on this machine; None: one a core, if there is work for them.
        part: Only this share of the work.
        scheduler: Address of a Dask scheduler to send the work to.
    """

    workers: int | None = None
    part: Part | None = None
    scheduler: str | None = None


@dataclass(frozen=True)
class Filled:
    """What became of filling an entry: clips wanted, computed now, still missing (with a part
    of the work only), bytes written, seconds."""

    entry: Path
    wanted: int
    computed: int
    missing: int
    bytes: int
    seconds: float


def prepare_features(
    root: Path,
    filenames: Sequence[str],
    data: DataConfig,
    features: LogMelConfig,
    cache: Path,
    *,
    description: str = "log-mel features",
) -> FeatureStore:
    """Compute the log-mels that `cache` does not hold yet, and open them.

    Args:
        root: The dataset's folder.
        filenames: Recordings relative to it; the store keeps their order.
        data: Length, audio policy, type of the stored values, workers.
        features: The front end; deltas and standardisation are applied on reading.
        cache: The cache's folder, which datasets and settings may share.
        description: Of the progress bar.

    Raises:
        DataError: A recording cannot be read, or changes meanwhile.
        DssdError: The cache cannot be written.
    """
    settings = feature_settings(data, features)
    means = Means(data.workers)
    locations, _ = _fill(root, filenames, settings, cache, means, description)
    return FeatureStore(locations, features)


def prepare_waveforms(
    root: Path,
    filenames: Sequence[str],
    data: DataConfig,
    sampling_rate: int,
    cache: Path,
    *,
    description: str = "waveforms",
) -> WaveformStore:
    """Read the waveforms that `cache` does not hold yet, and open them.

    `sampling_rate` is in Hz; the rest as in `prepare_features`.

    Raises:
        DataError: A recording cannot be read, or changes meanwhile.
        DssdError: The cache cannot be written.
    """
    settings = waveform_settings(data, sampling_rate)
    means = Means(data.workers)
    locations, _ = _fill(root, filenames, settings, cache, means, description)
    return WaveformStore(locations)


def fill_cache(
    root: Path,
    filenames: Sequence[str],
    settings: EntrySettings,
    cache: Path,
    means: Means,
    *,
    description: str,
) -> Filled:
    """Compute what the entry of `settings` does not hold yet, or a part of it, and open nothing.

    Raises:
        DataError: A recording cannot be read, or changes meanwhile.
        DssdError: The cache cannot be written, or a worker or the cluster failed.
    """
    return _fill(root, filenames, settings, cache, means, description)[1]


def _fill(
    root: Path,
    filenames: Sequence[str],
    settings: EntrySettings,
    cache: Path,
    means: Means,
    description: str,
) -> tuple[Locations, Filled]:
    start = time.monotonic()
    # Absolute: the workers of a cluster have other current folders.
    root, cache = Path(root).resolve(), Path(cache).resolve()
    cores = means.workers or available_cores()
    files = look_at_all(root, filenames)
    mark_cache(cache)
    entry = make_entry(cache, settings)
    index = CacheIndex(entry)
    shard, row = index.locate(root, files, cores)
    missing = np.flatnonzero(shard < 0)
    computed = written = 0
    if len(missing):
        remove_leftovers(entry, unused_seconds=_DEAD_SECONDS)
        chunks = plan_chunks(root, entry, settings, files, missing, means.part)
        converted: Counter[str] = Counter()
        with bar(description, sum(len(chunk.files) for chunk in chunks)) as advance:
            if means.scheduler is not None:
                results = work_on_cluster(chunks, means.scheduler, advance)
            else:
                # Starting a process takes seconds: a chunk or two are done sooner without.
                worth = max(1, len(chunks) // 2)
                results = work_on(chunks, means.workers or min(cores, worth), advance)
            for result in results:
                computed += result.clips
                written += result.bytes
                converted += result.converted
        for what, count in sorted(converted.items()):
            warn(f"{what}: {count} files")
        index.refresh()
        shard, row = index.locate(root, files, cores)
        missing = np.flatnonzero(shard < 0)
    if len(missing) and means.part is None:
        raise DataError(
            "has been removed from the cache meanwhile, or is not seen yet",
            path=root / filenames[missing[0]],
            fix="run the same command again",
        )
    filled = Filled(entry, len(files), computed, len(missing), written, time.monotonic() - start)
    return Locations(entry, settings, index.shards, list(filenames), shard, row), filled
