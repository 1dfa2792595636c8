"""Which recordings are there, and which of them the tables name."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import pandas as pd

from dssd_tf.data.verification.fault import FaultList
from dssd_tf.errors import DataError

_AUDIO = {".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3"}


def check_files(
    root: Path, file: str, table: pd.DataFrame, others: Iterable[str], faults: FaultList
) -> dict[str, int]:
    """Compare the folder's recordings with the rows of a table.

    Args:
        root: The dataset's folder.
        file: The table that names every recording, relative to `root`.
        table: Its rows.
        others: Names that only other tables have.
        faults: Where the faults go.

    Returns:
        Bytes of each named recording that is there and not empty, by name.
    """
    named = dict(zip(table["filename"], table["row"], strict=True))
    others = set(others) - named.keys()
    sizes = _sizes(root, [*named, *others])
    for name, row in named.items():
        if name not in sizes:
            text = f"{name} is listed, but there is no such file"
            faults.add("missing", file, text, row=row, found="no file", expected=name)
    for name in sorted(sizes.keys() - named.keys()):
        text = f"the file is there, but not in {file}"
        faults.add("not listed", name, text, found="a file", expected=f"a row of {file}")
    for name in sorted(name for name, size in sizes.items() if size == 0):
        faults.add("empty", name, "the file is empty", found="0 bytes", expected="audio")
    return {name: size for name in [*named, *sorted(others)] if (size := sizes.get(name, 0))}


def _sizes(root: Path, names: Iterable[str]) -> dict[str, int]:
    """Bytes of every file in the folders that hold `names`, by name relative to `root`.

    In the folder itself, which holds tables and documents too, only recordings count.
    """
    folders = {name.rpartition("/")[0] or "." for name in names} | {"audio"}
    sizes = {}
    for folder in sorted(folders):
        path = root / folder
        if not path.is_dir():
            continue
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    suffix = PurePosixPath(entry.name).suffix.lower()
                    if entry.is_file() and (folder != "." or suffix in _AUDIO):
                        name = entry.name if folder == "." else f"{folder}/{entry.name}"
                        sizes[name] = entry.stat().st_size
        except OSError as error:
            raise DataError(
                f"cannot be read ({error.strerror})", path=path, fix="check its permissions"
            ) from error
    return sizes
