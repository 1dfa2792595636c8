"""Whether the recordings that a table lists are there."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dssd_tf.errors import DataError


def require_files(root: Path, filenames: Sequence[str] | pd.Series) -> None:
    """Look into each folder once, which takes seconds less than asking for every file.

    Raises:
        DataError: A file is missing; the first is named and the others counted.
    """
    folders = {str(Path(name).parent) for name in filenames}
    present = {
        f"{folder}/{p.name}" if folder != "." else p.name
        for folder in folders
        if (root / folder).is_dir()
        for p in (root / folder).iterdir()
    }
    missing = [name for name in filenames if name not in present]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise DataError(
            f"listed in the tables, but the file is missing{more}",
            path=root / missing[0],
            fix="restore the file or take its row out of the tables",
        )
