"""A sweep's results by configuration: means, spreads and intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dssd_tf.evaluation.bootstrap import intervals
from dssd_tf.evaluation.device_groups import device_groups
from dssd_tf.evaluation.metrics import clip_losses
from dssd_tf.evaluation.predictions import read_predictions
from dssd_tf.evaluation.recording_sums import RecordingSums
from dssd_tf.files import read_json
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.sweep.latency import add_latencies
from dssd_tf.pipeline.sweep.points import Point
from dssd_tf.pipeline.sweep.results import write_csv
from dssd_tf.pipeline.sweep.running import Sweep

GROUPS = {
    None: ("macro_accuracy", "log_loss"),
    "seen": ("seen_accuracy", "seen_log_loss"),
    "unseen": ("unseen_accuracy", "unseen_log_loss"),
}
"""Macro accuracy and log loss of all clips, of those of the devices in training, of the others:
given as mean, standard deviation and interval over folds and seeds."""

FIXED = ("parameters", "macs", "macs_torchinfo", "bytes", "train_seconds")
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
        pooled = _Pooled.of([RunFolder(out / p.name) for p in own], str(system))
        for group, names in GROUPS.items():
            found = pooled.intervals(group) if pooled else {}
            for name, figure in zip(names, ("macro_accuracy", "log_loss"), strict=True):
                row[name], row[f"{name}_sd"] = runs[name].mean(), runs[name].std(ddof=1)
                row[f"{name}_low"], row[f"{name}_high"] = found.get(figure, (None, None))
        rows.append(row | {name: runs[name].median() for name in FIXED})
    return pd.DataFrame(rows)


def write_summary(sweep: Sweep, results: pd.DataFrame, *, latency: bool = False) -> Path:
    """Write the summary beside the results, as ``NAME_summary.csv``.

    Args:
        sweep: The sweep.
        results: A row a run and system.
        latency: Time the quantized models now, which takes seconds each.
    """
    path = sweep.csv.with_name(f"{sweep.csv.stem}_summary.csv")
    summary = summarise(results, sweep.points, sweep.out)
    if latency:
        summary = add_latencies(summary, sweep.points, sweep.out)
    write_csv(path, summary)
    return path


@dataclass(frozen=True)
class _Pooled:
    """The predictions of several runs by one system."""

    table: pd.DataFrame
    classes: Sequence[str]
    devices: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, runs: Sequence[RunFolder], system: str) -> "_Pooled | None":
        """None if no run has predictions."""
        tables, classes, trained = [], [], []
        for run in runs:
            if not run.predictions.is_file() or not run.metrics.is_file():
                continue
            metrics = read_json(run.metrics)
            classes, trained = metrics["classes"], metrics["trained_devices"]
            table = read_predictions(run.predictions)
            tables.append(table[table["system"] == system])
        if not tables:
            return None
        table = pd.concat(tables)
        return cls(table, classes, device_groups(table["device"], trained))

    def intervals(self, group: str | None) -> Mapping[str, Any]:
        """Of macro accuracy and log loss of the clips of a group of devices; None: of all."""
        table = self.table
        if group is not None:
            table = table[table["device"].isin(self.devices.get(group, ()))]
        if table.empty:
            return {}
        truth = np.array([self.classes.index(x) for x in table["scene_label"]], dtype=np.int64)
        probabilities = table[list(self.classes)].to_numpy(np.float64)
        losses = clip_losses(truth, probabilities)
        recordings = list(table["recording"])
        found = intervals(
            RecordingSums.of(
                truth, probabilities.argmax(axis=1), losses, recordings, len(self.classes)
            )
        )
        return found or {}
