"""Writing a new set in the TAU layout."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from dssd_tf.errors import DataError


def refuse_occupied(root: Path) -> None:
    """Refuse a place for a new set that is a file or a folder with something in it.

    Raises:
        DataError: It is; or the folder cannot be read.
    """
    if root.is_dir():
        try:
            with os.scandir(root) as entries:
                first = next(entries, None)
        except OSError as error:
            raise DataError(
                f"cannot be read ({error.strerror})", path=root, fix="name another folder"
            ) from error
        if first is None:
            return
        problem = f"is not empty (it holds {first.name})"
    elif root.exists():
        problem = "is a file, not a folder"
    else:
        return
    raise DataError(problem, path=root, fix="name a new folder for the set; nothing was changed")


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a TAB-separated table with a header line."""
    lines = ["\t".join(row) for row in (header, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
