"""Removing entries of a cache."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dssd_tf.data.cache.listing import entry_folders
from dssd_tf.data.cache.tag import require_cache
from dssd_tf.errors import DataError, DssdError
from dssd_tf.files import remove_leftovers


def chosen_entries(cache: Path, names: Sequence[str] = ()) -> list[Path]:
    """The named entries of a cache, or all of them.

    Args:
        cache: The cache's folder.
        names: Names of entries, or beginnings that fit one only; none: all.

    Raises:
        DataError: The folder is missing or is not a cache, or a name fits no entry or several.
    """
    require_cache(cache)
    entries = entry_folders(cache)
    if not names:
        return entries
    chosen = []
    for name in names:
        exact = [entry for entry in entries if entry.name == name]
        fitting = exact or [entry for entry in entries if name and entry.name.startswith(name)]
        if len(fitting) != 1:
            found = "fits several entries" if fitting else "is not among the entries"
            raise DataError(
                f"{name!r} {found}: {', '.join(e.name for e in fitting or entries) or 'none'}",
                path=cache,
                fix="see `dssd data cache ls`",
            )
        chosen += [entry for entry in fitting if entry not in chosen]
    return chosen


def clear_cache(cache: Path, entries: Sequence[Path]) -> None:
    """Remove entries, and what killed writers left in the rest; no writer may be at work.

    Each entry is renamed before it is removed: a kill leaves a leftover, never half an entry.

    Raises:
        DssdError: An entry cannot be removed.
    """
    for entry in entries:
        try:
            holder = Path(tempfile.mkdtemp(prefix=f".{entry.name}.", suffix=".tmp", dir=cache))
            entry.rename(holder / "removed")
            shutil.rmtree(holder)
        except OSError as error:
            raise DssdError(f"cannot be removed ({error.strerror})", path=entry) from error
    remove_leftovers(cache)
