"""Recordings that a table lists."""

from pathlib import Path

import pandas as pd

from dssd_tf.data.recordings.recording import Recording
from dssd_tf.errors import DataError

REQUIRED = ("path", "scene", "recording")


def read_manifest(path: Path, root: Path | None = None) -> list[Recording]:
    """The rows of a comma-separated table with a header.

    Columns: `path`, from `root`; `scene`; `recording`, the group that stays in one fold; and, where
    they are, `device`, `fold` (from 1), `sha256`, `licence`, `source`. Others are ignored.

    Args:
        path: The table.
        root: Where the files lie; None for the table's own folder.

    Raises:
        DataError: The table is missing, is no such table, or has a fold that is no number.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError as error:
        raise DataError("no such table", path=path) from error
    except (OSError, ValueError) as error:
        raise DataError(f"cannot be read ({' '.join(str(error).split())})", path=path) from error
    missing = [name for name in REQUIRED if name not in table.columns]
    if missing:
        raise DataError(f"lacks the column {missing[0]!r}", path=path)
    found = []
    for number, row in enumerate(table.to_dict("records"), start=2):
        blank = [name for name in REQUIRED if not row[name].strip()]
        if blank:
            raise DataError(f"row {number} has no {blank[0]!r}", path=path)
        fold = row.get("fold", "").strip()
        if fold and (not fold.isdecimal() or int(fold) < 1):
            raise DataError(f"row {number}: fold {fold!r} is no number from 1", path=path)
        found.append(
            Recording(
                path=(root or path.parent) / row["path"],
                scene=row["scene"],
                group=row["recording"],
                device=row.get("device") or "a",
                fold=int(fold) if fold else None,
                sha256=row.get("sha256", "").strip().lower() or None,
                licence=row.get("licence", ""),
                source=row.get("source") or Path(row["path"]).name,
            )
        )
    return found
