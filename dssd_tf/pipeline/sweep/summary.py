"""A sweep's results by configuration: means, spreads and intervals."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dssd_tf.evaluation.bootstrap import intervals
from dssd_tf.evaluation.metrics import clip_losses
from dssd_tf.evaluation.predictions import read_predictions
from dssd_tf.evaluation.recording_sums import RecordingSums
from dssd_tf.files import read_json
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.sweep.points import Point
from dssd_tf.pipeline.sweep.results import write_csv
from dssd_tf.pipeline.sweep.running import Sweep

SPREAD = ("macro_accuracy", "log_loss", "unseen_accuracy")
"""What is given as mean and standard deviation over folds and seeds."""

FIXED = ("parameters", "macs", "macs_torchinfo", "bytes", "train_seconds")
"""What is given as the median over them."""


def summarise(results: pd.DataFrame, points: Sequence[Point], out: Path) -> pd.DataFrame:
    """A row for each configuration and system, in the order of the points.

    Args:
        results: A row a run and system, as `run_sweep` gives them.
        points: The sweep's runs.
        out: Their folder; the intervals come from their predictions.

    Returns:
        `configuration`, `system`, `runs`; mean and sample standard deviation (`…_sd`, none of a
        single run) of accuracies and log loss over the runs; `macro_accuracy_low`, `…_high`,
        `log_loss_low`, `…_high`: 95 % intervals of the clips of all folds together, by whole
        recordings, the seeds averaged; medians of the other figures.
    """
    rows = []
    for (configuration, system), runs in results.groupby(["configuration", "system"], sort=False):
        row: dict[str, Any] = {"configuration": configuration, "system": system, "runs": len(runs)}
        for name in SPREAD:
            row[name], row[f"{name}_sd"] = runs[name].mean(), runs[name].std(ddof=1)
        own = [point for point in points if point.configuration == configuration]
        found = _pooled_intervals([RunFolder(out / p.name) for p in own], str(system))
        for name in ("macro_accuracy", "log_loss"):
            low, high = found[name] if found else (None, None)
            row |= {f"{name}_low": low, f"{name}_high": high}
        rows.append(row | {name: runs[name].median() for name in FIXED})
    return pd.DataFrame(rows)


def write_summary(sweep: Sweep, results: pd.DataFrame) -> Path:
    """Write the summary beside the results, as ``NAME_summary.csv``."""
    path = sweep.csv.with_name(f"{sweep.csv.stem}_summary.csv")
    write_csv(path, summarise(results, sweep.points, sweep.out))
    return path


def _pooled_intervals(runs: Sequence[RunFolder], system: str) -> dict[str, Any] | None:
    tables, classes = [], []
    for run in runs:
        if not run.predictions.is_file() or not run.metrics.is_file():
            continue
        classes = list(read_json(run.metrics)["classes"])
        table = read_predictions(run.predictions)
        tables.append(table[table["system"] == system])
    if not tables:
        return None
    table = pd.concat(tables)
    truth = np.array([classes.index(label) for label in table["scene_label"]], dtype=np.int64)
    probabilities = table[classes].to_numpy(np.float64)
    predicted = probabilities.argmax(axis=1)
    losses = clip_losses(truth, probabilities)
    recordings = list(table["recording"])
    return intervals(RecordingSums.of(truth, predicted, losses, recordings, len(classes)))
