"""Every fault of a cache: damaged shards, and recordings that it no longer stands for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dssd_tf.data.cache.clip_file import ClipFile, file_digest
from dssd_tf.data.cache.index import shard_names
from dssd_tf.data.cache.listing import entry_folders
from dssd_tf.data.cache.settings import EntrySettings, read_settings
from dssd_tf.data.cache.shard import (
    SCALE_NAME,
    VALUES_NAME,
    array_checksum,
    open_scale,
    open_values,
    read_clips,
    shard_folder,
)
from dssd_tf.data.cache.tag import require_cache
from dssd_tf.errors import DataError, DssdError


@dataclass(frozen=True)
class CacheFault:
    """What is wrong with one file or folder."""

    path: Path
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


def count_shards(cache: Path) -> int:
    """Shards of all entries: what `verify_cache` walks through.

    Raises:
        DataError: The folder is missing or is not a cache.
    """
    require_cache(cache)
    return sum(len(shard_names(entry)) for entry in entry_folders(cache))


def verify_cache(
    cache: Path, roots: Sequence[Path] = (), each: Callable[[], None] = lambda: None
) -> Iterator[CacheFault]:
    """Yield every fault; `each` is called after every shard.

    Checked are the settings, that every shard is readable, has the shape and type of its entry,
    the checksum it was written with and finite values, and with `roots` that every clip's recording
    is in one of them and has the digest that it was computed from.

    Args:
        cache: The cache's folder.
        roots: The folders whose recordings the cache holds; none checks no recordings.
        each: For progress.

    Raises:
        DataError: The folder is missing or is not a cache.
    """
    require_cache(cache)
    seen: dict[str, list[str]] = {}
    for entry in entry_folders(cache):
        try:
            settings = read_settings(entry)
        except DssdError as error:
            yield CacheFault(Path(error.path or entry), error.problem)
            for _ in shard_names(entry):
                each()
            continue
        digests: dict[str, set[str]] = {}
        for name in shard_names(entry):
            yield from _shard_faults(entry / name, settings, digests)
            each()
        if roots:
            yield from _recording_faults(entry, roots, digests, seen)


def _shard_faults(
    shard: Path, settings: EntrySettings, digests: dict[str, set[str]]
) -> Iterator[CacheFault]:
    try:
        columns = read_clips(shard)
    except DataError as error:
        yield CacheFault(Path(error.path or shard), error.problem)
        return
    for name, digest in zip(columns["names"], columns["digests"], strict=True):
        digests.setdefault(name, set()).add(digest)
    rows = zip(columns["names"], columns["sizes"], columns["mtimes_ns"], strict=True)
    expected = shard_folder(shard.parent, [ClipFile(*row) for row in rows])
    if expected.name != shard.name:
        yield CacheFault(shard, f"is named for other clips; its own give {expected.name}")
    arrays: dict[str, Callable[[], Any]] = {VALUES_NAME: lambda: open_values(shard, settings)}
    if settings.kind == "features":
        arrays[SCALE_NAME] = lambda: open_scale(shard)
    for name, open_array in arrays.items():
        problem = _array_problem(open_array, len(columns["names"]), columns["checksums"].get(name))
        if problem:
            yield CacheFault(shard / name, problem)


def _array_problem(open_array: Callable[[], Any], clips: int, checksum: str | None) -> str | None:
    try:
        values = open_array()
        if len(values) != clips:
            return f"holds {len(values)} clips, clips.json names {clips}"
        found = array_checksum(values)
        broken = [row for row, clip in enumerate(values) if not np.isfinite(clip).all()]
    except DataError as error:
        return error.problem
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if broken:
        return f"holds NaN or infinity, first in row {broken[0]} ({len(broken)} rows)"
    if found != checksum:
        return f"has the checksum {found}, was written with {checksum}"
    return None


def _recording_faults(
    entry: Path, roots: Sequence[Path], digests: dict[str, set[str]], seen: dict[str, list[str]]
) -> Iterator[CacheFault]:
    lost = []
    for name, known in sorted(digests.items()):
        paths = [root / name for root in roots if (root / name).is_file()]
        if name not in seen:
            seen[name] = [file_digest(path) for path in paths]
        if not paths:
            lost.append(name)
        elif known.isdisjoint(seen[name]):
            yield CacheFault(
                paths[0],
                f"changed since {entry.name} was made (digest {seen[name][0]}, was {min(known)})",
            )
    if lost:
        folders = ", ".join(map(str, roots))
        yield CacheFault(
            entry, f"holds {len(lost)} clips that are not in {folders}, first {lost[0]}"
        )
