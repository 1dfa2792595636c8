"""How far the configurations of a sweep are from one of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dssd_tf.errors import RunError
from dssd_tf.evaluation.bootstrap import intervals
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.sweep.points import Point
from dssd_tf.pipeline.sweep.pooled import GROUPS, Pooled


def add_differences(
    summary: pd.DataFrame,
    results: pd.DataFrame,
    points: Sequence[Point],
    out: Path,
    against: str,
) -> pd.DataFrame:
    """The summary with each configuration's differences from a given one.

    Only folds and seeds that both have count, so that what makes a fold hard for both cancels.

    Args:
        summary: As `summarise` gives it.
        results: A row a run and system, as `run_sweep` gives them.
        points: The sweep's runs.
        out: Their folder; the intervals come from their predictions.
        against: The configuration that is subtracted, system by system.

    Returns:
        Beside the summary's columns `against`, `paired_runs` and, of each accuracy and log loss,
        mean and sample standard deviation over the paired runs (`…_difference`,
        `…_difference_sd`), and 95 % interval of the paired difference by whole recordings
        (`…_difference_low`, `…_difference_high`). Rows of the given configuration itself, and
        those without a common run, are left open.

    Raises:
        RunError: No run is of that configuration.
    """
    names = list(dict.fromkeys(results["configuration"]))
    if against not in names:
        raise RunError(
            f"no run of the sweep is of {against!r}", fix=f"choose among {', '.join(names)}"
        )
    rows = [
        _differences(row["configuration"], row["system"], results, points, out, against)
        for row in summary.to_dict("records")
    ]
    return summary.join(pd.DataFrame(rows, index=summary.index))


def _differences(
    configuration: str,
    system: str,
    results: pd.DataFrame,
    points: Sequence[Point],
    out: Path,
    against: str,
) -> dict[str, Any]:
    runs = results[results["system"] == system].set_index(["fold", "seed"])
    own, other = (runs[runs["configuration"] == name] for name in (configuration, against))
    common = own.index.intersection(other.index)
    if configuration == against or common.empty:
        return {"against": against, "paired_runs": 0}
    row: dict[str, Any] = {"against": against, "paired_runs": len(common)}
    pooled = []
    for name in (configuration, against):
        kept = [p for p in points if p.configuration == name and (p.fold, p.seed) in common]
        pooled.append(Pooled.of([RunFolder(out / p.name) for p in kept], system))
    for group, names in GROUPS.items():
        found = _intervals(pooled, group)
        for name, figure in zip(names, ("macro_accuracy", "log_loss"), strict=True):
            differences = own.loc[common, name] - other.loc[common, name]
            row[f"{name}_difference"] = differences.mean()
            row[f"{name}_difference_sd"] = differences.std(ddof=1)
            low, high = found.get(figure, (None, None))
            row[f"{name}_difference_low"], row[f"{name}_difference_high"] = low, high
    return row


def _intervals(pooled: Sequence[Pooled | None], group: str | None) -> dict[str, Any]:
    """Of the difference; none where both were not scored on the same clips."""
    own, other = (each.sums(group) if each else None for each in pooled)
    if own is None or other is None or own.clips.shape != other.clips.shape:
        return {}
    if (own.clips != other.clips).any():
        return {}
    return intervals(own.minus(other)) or {}
