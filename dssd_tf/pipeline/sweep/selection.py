"""Which rows of a sweep's summary are shown, and in which order."""

from collections.abc import Sequence

import pandas as pd

from dssd_tf.config_errors import nearest
from dssd_tf.errors import RunError


def select(
    table: pd.DataFrame,
    *,
    system: str | None = None,
    sort: str | None = None,
    only: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Rows of a summary.

    Args:
        table: A summary.
        system: Rows of this system only.
        sort: Column to sort by, the best first; None for the order of the sweep, or of `only`.
        only: These configurations.

    Raises:
        RunError: No row is of that system, or there is no such column or configuration.
    """
    if system is not None:
        there = sorted(set(table["system"]))
        table = table[table["system"] == system]
        if table.empty:
            raise _lacking("system", system, there)
    if only is not None:
        table = _only(table, only)
    if sort is not None:
        if sort not in table.columns:
            raise _lacking("column", sort, list(table.columns))
        table = table.sort_values(sort, ascending="log_loss" in sort, kind="stable")
    return table


def device_groups(table: pd.DataFrame) -> list[str]:
    """`seen` and `unseen`; none where devices are all alike and need no columns of their own."""
    groups = [
        name
        for name in ("seen", "unseen")
        if (column := f"{name}_accuracy") in table and table[column].notna().any()
    ]
    return groups if len(groups) == 2 else []


def _only(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    there = list(dict.fromkeys(table["configuration"]))
    for name in names:
        if name not in there:
            raise _lacking("configuration", name, there)
    return pd.concat([table[table["configuration"] == name] for name in names])


def _lacking(kind: str, name: str, there: Sequence[object]) -> RunError:
    known = [str(other) for other in there]
    near = nearest(name, known)
    return RunError(f"has no {kind} {name!r}{near}", fix=f"choose among {', '.join(known)}")
