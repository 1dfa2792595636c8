"""A shard: the stored values of up to a few hundred clips, in a folder that is written whole."""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data.cache.clip_file import ClipFile
from dssd_tf.data.cache.settings import EntrySettings
from dssd_tf.errors import DataError, DssdError
from dssd_tf.files import atomic_path, read_json

VALUES_NAME, SCALE_NAME, CLIPS_NAME = "values.npy", "scale.npy", "clips.json"

_FIX = (
    "see `dssd data cache verify`; remove this folder and run the same command again, "
    "which makes it anew"
)


@dataclass(frozen=True)
class StoredClip:
    """One clip's values as they are stored.

    Args:
        values: (time, frequency) or (samples,), in the entry's type.
        scale: Mean and deviation of features, (2,); None for waveforms.
        digest: Of the recording's bytes.
    """

    values: NDArray[Any]
    scale: NDArray[np.float32] | None
    digest: str


def shard_folder(entry: Path, files: Sequence[ClipFile]) -> Path:
    """The folder of the shard of these clips: the same clips and settings, the same name."""
    text = json.dumps([entry.name, *files])
    return entry / f"shard-{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"


def write_shard(
    entry: Path, settings: EntrySettings, files: Sequence[ClipFile], clips: Iterable[StoredClip]
) -> int:
    """Write the shard of `files`, one clip in memory at a time; gives its bytes.

    Where another writer was first, its shard stays: both are equal.

    Raises:
        DssdError: It cannot be written.
    """
    shape = (len(files), *settings.clip_shape)
    digests: list[str] = []
    scales: list[NDArray[np.float32]] = []
    checksum = hashlib.blake2b(digest_size=16)
    with atomic_path(shard_folder(entry, files), keep_existing=True) as part:
        part.mkdir()
        with (part / VALUES_NAME).open("wb") as file:
            header = {"descr": settings.dtype_string, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            for clip in clips:
                row = np.ascontiguousarray(clip.values, dtype=settings.dtype_string).tobytes()
                file.write(row)
                checksum.update(row)
                digests.append(clip.digest)
                if clip.scale is not None:
                    scales.append(clip.scale)
            _finish(file)
        checksums = {VALUES_NAME: checksum.hexdigest()}
        if settings.kind == "features":
            scale = np.stack(scales).astype("<f4")
            with (part / SCALE_NAME).open("wb") as file:
                np.save(file, scale)
                _finish(file)
            checksums[SCALE_NAME] = array_checksum(scale)
        columns = {
            "names": [f.name for f in files],
            "sizes": [f.size for f in files],
            "mtimes_ns": [f.mtime_ns for f in files],
            "digests": digests,
            "checksums": checksums,
        }
        with (part / CLIPS_NAME).open("w", encoding="utf-8") as text:
            json.dump(columns, text, ensure_ascii=False)
            _finish(text)
        size = sum(path.stat().st_size for path in part.iterdir())
    return size


def read_clips(shard: Path) -> dict[str, Any]:
    """The shard's `clips.json`: columns names, sizes, mtimes_ns, digests, and checksums.

    Raises:
        DataError: It is missing or damaged.
    """
    path = shard / CLIPS_NAME
    try:
        columns = read_json(path)
        count = len(columns["names"])
        whole = all(len(columns[key]) == count for key in ("sizes", "mtimes_ns", "digests"))
        whole = whole and bool(count) and isinstance(columns["checksums"], dict)
    except DssdError as error:
        raise DataError(error.problem, path=path, fix=_FIX) from error
    except (KeyError, TypeError) as error:
        raise DataError(f"is damaged ({error!r})", path=path, fix=_FIX) from error
    if not whole:
        raise DataError("is damaged (columns of different lengths)", path=path, fix=_FIX)
    return columns


def open_values(shard: Path, settings: EntrySettings, *, mapped: bool = True) -> NDArray[Any]:
    """The shard's values (clips, time, frequency) or (clips, samples), mapped into memory.

    Raises:
        DataError: They are missing, damaged, or not of the entry's shape and type.
    """
    values = _open(shard / VALUES_NAME, mapped)
    _require(
        shard / VALUES_NAME, values, values.shape[:1] + settings.clip_shape, settings.dtype_string
    )
    return values


def open_scale(shard: Path) -> NDArray[np.float32]:
    """Mean and deviation of each clip's raw log-mel, (clips, 2).

    Raises:
        DataError: They are missing, damaged, or not of that shape and type.
    """
    scale = _open(shard / SCALE_NAME, mapped=False)
    _require(shard / SCALE_NAME, scale, (*scale.shape[:1], 2), "<f4")
    return scale


def array_checksum(values: NDArray[Any]) -> str:
    """BLAKE2b of an array's elements in their order, 32 hexadecimal digits."""
    checksum = hashlib.blake2b(digest_size=16)
    for row in values:
        checksum.update(np.ascontiguousarray(row).tobytes())
    return checksum.hexdigest()


def _open(path: Path, mapped: bool) -> NDArray[Any]:
    try:
        return np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    except FileNotFoundError as error:
        raise DataError("no such file", path=path, fix=_FIX) from error
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"is damaged ({error})", path=path, fix=_FIX) from error


def _require(path: Path, values: NDArray[Any], shape: tuple[int, ...], dtype: str) -> None:
    if values.shape != shape or values.dtype != np.dtype(dtype):
        raise DataError(
            f"holds {values.dtype} {values.shape}, expected {np.dtype(dtype)} {shape}",
            path=path,
            fix=_FIX,
        )


def _finish(file: IO[Any]) -> None:
    """On the disk before the rename, so that a loss of power leaves no empty shard."""
    file.flush()
    os.fsync(file.fileno())
