"""A sweep's summary as a markdown table."""

import math
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dssd_tf.errors import RunError
from dssd_tf.markdown_table import markdown_table
from dssd_tf.pipeline.sweep.selection import device_groups, select

_COLUMNS = ("configuration", "system", "runs", "macro_accuracy", "log_loss")


def read_summary(path: Path) -> pd.DataFrame:
    """Read a summary back.

    Raises:
        RunError: The file is missing, is no table, or lacks a column.
    """
    try:
        table = pd.read_csv(path)
    except FileNotFoundError as error:
        raise RunError("no such summary", path=path, fix="make one by `dssd sweep`") from error
    except (OSError, ValueError) as error:
        raise RunError(f"cannot be read ({' '.join(str(error).split())})", path=path) from error
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        beside = path.with_name(f"{path.stem}_summary.csv")
        given = str(beside) if beside.is_file() else "the ..._summary.csv of a sweep"
        raise RunError(f"lacks the column {missing[0]!r}", path=path, fix=f"give {given}")
    return table


def summary_markdown(
    table: pd.DataFrame,
    *,
    system: str | None = None,
    sort: str | None = None,
    only: Sequence[str] | None = None,
) -> str:
    """Mean ± standard deviation, interval and counts, a line a configuration and system.

    Args:
        table: A summary.
        system: Rows of this system only.
        sort: Column to sort by, the best first; None for the order of the sweep, or of `only`.
        only: These configurations.

    Raises:
        RunError: No row is of that system, or there is no such column or configuration.
    """
    table = select(table, system=system, sort=sort, only=only)
    groups = device_groups(table)
    heads = ["configuration", "system", "macro accuracy", "95 % interval", "log loss"]
    for name in groups:
        heads += [f"{name} devices", "95 % interval", "log loss"]
    timed = "latency_ms" in table and table["latency_ms"].notna().any()
    heads += ["parameters", "MACs", "bytes", *(["latency, ms"] if timed else []), "runs"]
    lines = []
    for row in table.to_dict("records"):
        cells = [str(row["configuration"]), str(row["system"])]
        figures = [("macro_accuracy", "log_loss")]
        figures += [(f"{name}_accuracy", f"{name}_log_loss") for name in groups]
        for accuracy, loss in figures:
            cells += [_spread(row, accuracy), _interval(row, accuracy), _spread(row, loss)]
        cells += [_count(row.get(name)) for name in ("parameters", "macs", "bytes")]
        if timed:
            latency = row["latency_ms"]
            cells.append("" if _missing(latency) else f"{latency:.2f}")
        lines.append([*cells, _count(row["runs"])])
    return markdown_table(heads, lines)


def difference_markdown(
    table: pd.DataFrame,
    *,
    system: str | None = None,
    sort: str | None = None,
    only: Sequence[str] | None = None,
) -> str:
    """What each configuration gains over a given one, accuracies in points.

    Args:
        table: A summary with differences, as `add_differences` gives it.
        system: Rows of this system only.
        sort: Column to sort by, the best first; None for the order of the sweep, or of `only`.
        only: These configurations.

    Raises:
        RunError: The summary has no differences, no row is of that system, or there is no such
            column or configuration.
    """
    if "against" not in table:
        raise RunError("has no differences", fix="repeat `dssd sweep` with --against NAME")
    table = select(table, system=system, sort=sort, only=only)
    heads = ["configuration", "system", f"macro accuracy less {table['against'].iloc[0]}, points"]
    heads += ["95 % interval", "log loss", "95 % interval"]
    figures = [("macro_accuracy", 100.0, 1), ("log_loss", 1.0, 3)]
    for name in device_groups(table):
        heads += [f"{name} devices, points", "95 % interval", "log loss", "95 % interval"]
        figures += [(f"{name}_accuracy", 100.0, 1), (f"{name}_log_loss", 1.0, 3)]
    lines = []
    for row in table.to_dict("records"):
        cells = [str(row["configuration"]), str(row["system"])]
        for name, scale, digits in figures:
            mean, deviation, low, high = (
                scale * row.get(f"{name}_difference{end}", math.nan)
                for end in ("", "_sd", "_low", "_high")
            )
            cells.append("" if _missing(mean) else f"{mean:+.{digits}f}")
            cells[-1] += "" if _missing(deviation) else f" ± {deviation:.{digits}f}"
            cells.append("" if _missing(low) else f"{low:+.{digits}f} … {high:+.{digits}f}")
        lines.append([*cells, _count(row["paired_runs"])])
    return markdown_table([*heads, "paired runs"], lines)


def _spread(row: Mapping[Hashable, Any], name: str) -> str:
    mean, deviation = row.get(name), row.get(f"{name}_sd")
    if _missing(mean):
        return ""
    return f"{mean:.3f}" if _missing(deviation) else f"{mean:.3f} ± {deviation:.3f}"


def _interval(row: Mapping[Hashable, Any], name: str) -> str:
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    return "" if _missing(low) else f"{low:.3f} … {high:.3f}"


def _count(value: float | None) -> str:
    return "" if _missing(value) else f"{value:,.0f}"


def _missing(value: Any) -> bool:
    return bool(pd.isna(value))
