"""Atomic writes: a reader sees the old file or the whole new one, never a half."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dssd_tf.errors import DssdError


@contextlib.contextmanager
def atomic_path(target: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside `target`; on success it replaces `target`, else it is removed.

    The temporary path keeps `target`'s suffix, since several writers choose a format by it. It
    may be made a file or a folder; a folder replaces an existing folder.

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
        if part.is_dir() and target.is_dir():
            shutil.rmtree(target)
        part.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise _write_error(target, error) from error
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def remove_leftovers(folder: Path | str) -> None:
    """Remove what writers that were killed left under `folder`; no writer may be at work."""
    for path in list(Path(folder).rglob(".*.tmp")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)


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
        fix="free some space or choose another folder, then run the same command again",
    )
