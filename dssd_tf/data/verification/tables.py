"""Reading the tables of a dataset with every fault, not only the first."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dssd_tf.data.verification.fault import FaultList

META = "meta.csv"
META_COLUMNS = ("filename", "scene_label", "identifier", "source_label")

# A part that is empty, "." or "..": an absolute path begins with an empty one.
_NOT_INSIDE = re.compile(r"(?:\A|/)\.{0,2}(?:/|\Z)|[\\\0]")


def read_checked(
    root: Path, file: str, columns: Sequence[str], faults: FaultList
) -> pd.DataFrame | None:
    """A table as strings with the column `row`, its line number; None if it cannot be used.

    Rows with an empty cell in one of `columns`, with a name given before, or with a name that
    leads out of the dataset's folder are faults and left out.

    Args:
        root: The dataset's folder.
        file: The table, relative to `root`.
        columns: The columns it must have, `filename` among them.
        faults: Where the faults go.
    """
    try:
        table = pd.read_csv(
            root / file, sep="\t", dtype=str, keep_default_na=False, skip_blank_lines=False
        )
    except FileNotFoundError:
        faults.add("table", file, "no such table", expected="a TAB-separated table")
        return None
    except pd.errors.EmptyDataError:
        faults.add("table", file, "the table is empty", expected=", ".join(columns))
        return None
    except (pd.errors.ParserError, UnicodeDecodeError, OSError) as error:
        faults.add("table", file, f"cannot be read ({' '.join(str(error).split())})")
        return None
    if not isinstance(table.index, pd.RangeIndex):
        names = ", ".join(map(str, table.columns))
        faults.add("table", file, f"rows have more cells than the header ({names})")
        return None
    table.columns = [str(name).strip() for name in table.columns]
    missing = [name for name in columns if name not in table.columns]
    if missing:
        names = ", ".join(table.columns)
        text = f"lacks the column {', '.join(missing)}; it has {names}"
        faults.add("columns", file, text, found=names, expected=", ".join(columns))
        return None
    table = table.fillna("")
    table["row"] = table.index + 2
    table = table[(table[list(columns)] != "").any(axis=1)]
    return _without_bad_rows(table, file, columns, faults)


def _without_bad_rows(
    table: pd.DataFrame, file: str, columns: Sequence[str], faults: FaultList
) -> pd.DataFrame:
    for name in columns:
        blank = table[name].str.strip() == ""
        for row in table.loc[blank, "row"]:
            faults.add("columns", file, f"no {name}", row=int(row), expected=f"a {name}")
        table = table[~blank]
    outside = table["filename"].astype(object).str.contains(_NOT_INSIDE).astype(bool)
    faults.add_rows(
        "name",
        file,
        table.loc[outside, "row"].to_list(),
        table.loc[outside, "filename"],
        ["folder/name"] * int(outside.sum()),
        "{found} is no plain path inside the dataset's folder",
    )
    table = table[~outside]
    again = table["filename"].duplicated()
    first = table.loc[~again].set_index("filename")["row"]
    faults.add_rows(
        "duplicate",
        file,
        table.loc[again, "row"].to_list(),
        table.loc[again, "filename"],
        [f"named once, on line {first[name]}" for name in table.loc[again, "filename"]],
        "names {found} again ({expected})",
    )
    return table[~again].reset_index(drop=True)
