"""A recording as the cache knows it: name, size, modification time; its bytes as a digest."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from dssd_tf.errors import DataError

_THREADS = 4


class ClipFile(NamedTuple):
    """A recording; two with the same three are taken for the same."""

    name: str
    """Relative to the dataset's folder."""
    size: int
    """Bytes."""
    mtime_ns: int
    """Modification time, nanoseconds."""


def look_at(root: Path, name: str) -> ClipFile:
    """The recording `name` of `root` as it is now.

    Raises:
        DataError: It is missing.
    """
    try:
        status = os.stat(f"{root}/{name}")  # noqa: PTH116  (a Path a clip costs seconds)
    except OSError as error:
        reason = "no such recording" if isinstance(error, FileNotFoundError) else error.strerror
        raise DataError(str(reason), path=Path(root) / name) from error
    return ClipFile(name, status.st_size, status.st_mtime_ns)


def look_at_all(root: Path, names: Sequence[str]) -> list[ClipFile]:
    """Every recording, in the order of `names`; in threads, as a network's disk makes one wait.

    Raises:
        DataError: One is missing.
    """

    def part(start: int) -> list[ClipFile]:
        return [look_at(root, name) for name in names[start : start + size]]

    size = max(1, -(-len(names) // _THREADS))
    with ThreadPoolExecutor(_THREADS) as pool:
        parts = pool.map(part, range(0, len(names), size))
        return [file for found in parts for file in found]


def file_digest(path: Path) -> str:
    """BLAKE2b of a file's bytes, 32 hexadecimal digits.

    Raises:
        DataError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except OSError as error:
        reason = "no such recording" if isinstance(error, FileNotFoundError) else error.strerror
        raise DataError(str(reason), path=path) from error


def file_digests(root: Path, names: Sequence[str], threads: int) -> Iterator[str]:
    """Digests of the named files, in order."""
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(lambda name: file_digest(root / name), names)
