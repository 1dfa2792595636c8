"""Atomic writes: a reader sees the old file or the whole new one, never a half."""

import contextlib
import errno
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dssd_tf.errors import DssdError

_ASIDE = ".replaced"
_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM}


@contextlib.contextmanager
def atomic_path(target: Path | str, *, keep_existing: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `target`; on success it replaces `target`, else it is removed.

    The temporary path keeps `target`'s suffix, since several writers choose a format by it. It
    may be made a file or a folder; a folder replaces an existing folder, which is renamed aside
    first, so that one of both is whole at any moment (`remove_leftovers` puts it back after a
    kill between the two renames).

    Args:
        target: The file or folder to write.
        keep_existing: For folders: one that stands at `target` by then stays, and the new one
            is dropped; for writers of the same content.

    Raises:
        DssdError: The operating system refused the write (full disk, no permission).
    """
    target = Path(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        holder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
    except OSError as error:
        raise _write_error(target, error) from error
    part = holder / target.name
    try:
        yield part
        if part.is_dir():
            _place_folder(part, target, keep_existing)
        else:
            part.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise _write_error(target, error) from error
    finally:
        _drop(holder)


def leftovers(folder: Path | str) -> list[Path]:
    """What writers under `folder` left when they were killed, or hold while they are at work."""
    found = (path for path in Path(folder).rglob(".*.tmp") if path.is_dir())
    return sorted(path for path in found if not any(_is_holder(p) for p in path.parents))


def remove_leftovers(folder: Path | str, *, unused_seconds: float = 0.0) -> None:
    """Remove what writers that were killed left under `folder`.

    A folder that a killed writer had renamed aside goes back to its place.

    Args:
        folder: Where to look, at any depth.
        unused_seconds: Only what was not written to for so long; with 0, no writer may be at
            work.
    """
    for holder in leftovers(folder):
        if unused_seconds == 0 or time.time() - _last_write(holder) > unused_seconds:
            _drop(holder)


def write_text(target: Path | str, text: str) -> None:
    """Write `text` (UTF-8, newlines kept as they are) to `target` atomically."""
    with atomic_path(target) as part:
        part.write_text(text, encoding="utf-8", newline="")


def write_bytes(target: Path | str, data: bytes) -> None:
    """Write `data` to `target` atomically."""
    with atomic_path(target) as part:
        part.write_bytes(data)


def write_json(target: Path | str, value: Any) -> None:
    """Write `value` as indented JSON; NaN and infinity are refused, as JSON has neither."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(target, text + "\n")


def read_json(source: Path | str) -> Any:
    """Read a JSON file.

    Raises:
        DssdError: The file is missing, cannot be read or is not JSON.
    """
    try:
        return json.loads(Path(source).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DssdError("no such file", path=source) from error
    except OSError as error:
        raise DssdError(f"cannot be read ({error.strerror})", path=source) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DssdError(f"is not valid JSON ({error})", path=source) from error


def _place_folder(part: Path, target: Path, keep_existing: bool) -> None:
    if keep_existing:
        try:
            part.rename(target)
        except OSError:
            if not target.is_dir():
                raise
        return
    if target.is_dir():
        target.rename(part.parent / _ASIDE)
    part.replace(target)


def _drop(holder: Path) -> None:
    """Remove a temporary folder; what was renamed aside for one that did not come goes back."""
    aside = holder / _ASIDE
    if aside.is_dir():
        name = holder.name[1:].removesuffix(".tmp").rpartition(".")[0]
        with contextlib.suppress(OSError):
            if not (holder.parent / name).exists():
                aside.rename(holder.parent / name)
    shutil.rmtree(holder, ignore_errors=True)


def _is_holder(path: Path) -> bool:
    return path.name.startswith(".") and path.suffix == ".tmp"


def _last_write(holder: Path) -> float:
    times = [0.0]
    for path in (holder, *holder.rglob("*")):
        with contextlib.suppress(OSError):
            times.append(path.stat().st_mtime)
    return max(times)


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_error(target: Path, error: OSError) -> DssdError:
    reason = error.strerror or str(error)
    return DssdError(
        f"could not be written ({reason})",
        path=target,
        fix=f"{_remedy(error)}, then run the same command again",
    )


def _remedy(error: OSError) -> str:
    """What helps against a refused write."""
    if error.errno in _FULL:
        return "free some space or choose another folder"
    if error.errno in _FORBIDDEN:
        return "mend the folder's permissions or choose another one"
    return "choose another folder"
