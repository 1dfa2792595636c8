"""A shard: the logits of up to a few thousand clips, one `.npz` that is written whole."""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import DataError
from dssd_tf.files import atomic_path

SHARD_CLIPS = 2048
"""Clips a shard: what a killed writer loses at most."""

_FIX = "remove this file and run the command that made it again: it writes what is missing"


def shard_files(folder: Path) -> list[Path]:
    """The shards of a teacher's folder, sorted by name."""
    return sorted(folder.glob("shard-*.npz"))


def write_shard(
    folder: Path, names: Sequence[str], logits: NDArray[np.floating], dtype: str
) -> Path:
    """Write a shard, named by its clips.

    Args:
        folder: The teacher's folder.
        names: The clips.
        logits: (clips, classes), finite.
        dtype: ``float32`` or ``float16``.

    Raises:
        DataError: A value is not finite in that type; the message names the clip.
        DssdError: The file cannot be written.
    """
    with np.errstate(over="ignore"):
        values = np.asarray(logits).astype(dtype)
    broken = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(broken):
        raise DataError(
            f"the logits of {names[broken[0]]} are not finite in {dtype} ({len(broken)} clips)",
            path=folder,
            fix="check the teacher, or store them as float32",
        )
    digest = hashlib.blake2b(json.dumps(list(names)).encode(), digest_size=8).hexdigest()
    target = folder / f"shard-{digest}.npz"
    with atomic_path(target) as part, part.open("wb") as file:
        np.savez_compressed(file, names=np.array(list(names), dtype=np.str_), logits=values)
        file.flush()
        os.fsync(file.fileno())
    return target


def read_shard(path: Path, classes: int) -> tuple[list[str], NDArray[np.float32]]:
    """Names of the clips, and their logits (clips, classes).

    Raises:
        DataError: The file is missing, damaged, of another shape, or holds NaN or infinity.
    """
    names, logits = _arrays(path, ("names", "logits"))
    if names.ndim != 1 or names.dtype.kind != "U" or logits.shape != (len(names), classes):
        raise DataError(
            f"holds {names.dtype} names {names.shape} and logits {logits.shape}, expected "
            f"(clips,) and (clips, {classes})",
            path=path,
            fix=_FIX,
        )
    if logits.dtype.kind != "f" or not np.isfinite(logits).all():
        raise DataError("holds values that are no finite numbers", path=path, fix=_FIX)
    return names.tolist(), logits.astype(np.float32)


def _arrays(path: Path, keys: Sequence[str]) -> list[NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return [archive[key] for key in keys]
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"is damaged or missing ({error})", path=path, fix=_FIX) from error
