"""A sweep's results by configuration: means, spreads and intervals."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.sweep.differences import add_differences
from dssd_tf.pipeline.sweep.latency import add_latencies
from dssd_tf.pipeline.sweep.one_run import Sweep
from dssd_tf.pipeline.sweep.points import Point
from dssd_tf.pipeline.sweep.pooled import GROUPS, Pooled
from dssd_tf.pipeline.sweep.results import write_csv

COUNTS = ("parameters", "macs", "macs_torchinfo", "bytes")
FIXED = (*COUNTS, "train_seconds")
"""What is given as the median over them."""


def summarise(results: pd.DataFrame, points: Sequence[Point], out: Path) -> pd.DataFrame:
    """A row for each configuration and system, in the order of the points.

    Args:
        results: A row a run and system, as `run_sweep` gives them.
        points: The sweep's runs.
        out: Their folder; the intervals come from their predictions.

    Returns:
        `configuration`, `system`, `runs`; of each accuracy and log loss, over all clips and by
        group of devices, mean and sample standard deviation (`…_sd`, none of a single run) over
        the runs, and 95 % interval (`…_low`, `…_high`) of the clips of all folds together, by
        whole recordings, the seeds averaged; medians of the other figures.
    """
    rows = []
    for (configuration, system), runs in results.groupby(["configuration", "system"], sort=False):
        row: dict[str, Any] = {"configuration": configuration, "system": system, "runs": len(runs)}
        own = [point for point in points if point.configuration == configuration]
        pooled = Pooled.of([RunFolder(out / p.name) for p in own], str(system))
        for group, names in GROUPS.items():
            found = pooled.intervals(group) if pooled else {}
            for name, figure in zip(names, ("macro_accuracy", "log_loss"), strict=True):
                row[name], row[f"{name}_sd"] = runs[name].mean(), runs[name].std(ddof=1)
                row[f"{name}_low"], row[f"{name}_high"] = found.get(figure, (None, None))
        rows.append(row | {name: runs[name].median() for name in FIXED})
    table = pd.DataFrame(rows)
    for name in COUNTS:
        # Whole numbers, of which no digit is cut in a file.
        table[name] = table[name].astype(float).round().astype("Int64")
    return table


def write_summary(
    sweep: Sweep, results: pd.DataFrame, *, against: str | None = None, latency: bool = False
) -> Path:
    """Write the summary beside the results, as ``NAME_summary.csv``.

    Args:
        sweep: The sweep.
        results: A row a run and system.
        against: Configuration from which the others' differences are told.
        latency: Time the quantized models now, which takes seconds each.
    """
    path = sweep.csv.with_name(f"{sweep.csv.stem}_summary.csv")
    summary = summarise(results, sweep.points, sweep.out)
    if against is not None:
        summary = add_differences(summary, results, sweep.points, sweep.out, against)
    if latency:
        summary = add_latencies(summary, sweep.points, sweep.out)
    write_csv(path, summary)
    return path
