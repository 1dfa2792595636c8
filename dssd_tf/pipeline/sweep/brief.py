"""A sweep's summary in few columns, for a page that people open first."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from dssd_tf.markdown_table import markdown_table
from dssd_tf.pipeline.sweep.selection import device_groups, select

_SCORES = {"macro_accuracy": "macro accuracy", "unseen_accuracy": "unseen devices"}


def brief_markdown(
    table: pd.DataFrame,
    *,
    system: str | None = None,
    sort: str | None = None,
    only: Sequence[str] | None = None,
) -> str:
    """Means alone: accuracies in percent, multiply-adds in millions; `select` explains the rest.

    Args:
        table: A summary.
        system: Rows of this system only.
        sort: Column to sort by.
        only: These configurations.

    Raises:
        RunError: There is no such system, column or configuration.
    """
    table = select(table, system=system, sort=sort, only=only)
    scores = dict(_SCORES)
    if not device_groups(table):
        del scores["unseen_accuracy"]
    timed = "latency_ms" in table and bool(table["latency_ms"].notna().any())
    several = table["system"].nunique() > 1
    heads = ["configuration", *(["system"] if several else []), *scores.values(), "log loss"]
    heads += ["parameters", "MACs", *(["latency, ms"] if timed else [])]
    return markdown_table(
        heads, [_cells(row, scores, several, timed) for row in table.to_dict("records")]
    )


def _cells(
    row: Mapping[Hashable, Any], scores: Mapping[str, str], several: bool, timed: bool
) -> list[str]:
    cells = [f"`{row['configuration']}`", *([str(row["system"])] if several else [])]
    cells += [_number(100 * row[name], ".1f", " %") for name in scores]
    cells.append(_number(row["log_loss"], ".2f"))
    cells.append(_number(row.get("parameters"), ",.0f"))
    macs = row.get("macs")
    cells.append("" if macs is None else _number(macs / 1e6, ".1f", " M"))
    if timed:
        cells.append(_number(row["latency_ms"], ".2f"))
    return cells


def _number(value: float | None, form: str, unit: str = "") -> str:
    return "" if value is None or pd.isna(value) else f"{value:{form}}{unit}"
