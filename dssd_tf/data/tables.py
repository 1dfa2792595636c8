"""Reading the TAB-separated tables of a dataset."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dssd_tf.errors import DataError


def read_table(path: Path, required: Sequence[str]) -> pd.DataFrame:
    """A table as strings, line ends LF or CRLF.

    Raises:
        DataError: The file is missing, empty, not TAB-separated, lacks a column, has rows longer
            than the header or an empty cell in a required column, or names a file twice.
    """
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    except FileNotFoundError as error:
        raise DataError(
            "no such table", path=path, fix="point --data at a folder in the TAU layout"
        ) from error
    except pd.errors.EmptyDataError as error:
        raise DataError("the table is empty", path=path) from error
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read ({str(error).strip()})", path=path) from error
    if not isinstance(table.index, pd.RangeIndex):
        raise DataError(
            f"rows have more cells than the header, which has {list(table.columns)}",
            path=path,
            fix="name every column in the header or take out the extra TABs",
        )
    table.columns = [str(name).strip() for name in table.columns]
    missing = [name for name in required if name not in table.columns]
    if missing:
        raise DataError(
            f"lacks the column {missing[0]!r}, has {list(table.columns)}",
            path=path,
            fix="the table must be TAB-separated with a header",
        )
    for name in required:
        blank = table.index[table[name].str.strip() == ""]
        if len(blank):
            raise DataError(f"row {blank[0] + 2} has no {name!r}", path=path)
    if "filename" in required:
        twice = table.loc[table["filename"].duplicated(), "filename"]
        if len(twice):
            raise DataError(f"names {twice.iloc[0]} twice", path=path)
    return table
