"""How long the models of a sweep take, measured one after the other."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dssd_tf.errors import ModelError
from dssd_tf.evaluation.latency import measure_latency
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.sweep.points import Point
from dssd_tf.progress import warn


def add_latencies(
    summary: pd.DataFrame, points: Sequence[Point], out: Path, *, runs: int = 200
) -> pd.DataFrame:
    """The summary with a column `latency_ms`: median of one thread at batch 1, with XNNPACK.

    Folds and seeds have the same network, so one model of each configuration and system is
    timed. Float models, and files that this machine cannot run, are left open; the latter are
    told.

    Args:
        summary: As `summarise` gives it.
        points: The sweep's runs.
        out: Their folder.
        runs: Inferences that are timed.
    """
    values = []
    for configuration, system in zip(summary["configuration"], summary["system"], strict=True):
        folders = [RunFolder(out / p.name) for p in points if p.configuration == configuration]
        files = [run.quantized_models().get(system) for run in folders]
        path = next((file for file in files if file is not None), None)
        values.append(None if path is None else _milliseconds(path, runs))
    return summary.assign(latency_ms=pd.Series(values, index=summary.index, dtype=float))


def _milliseconds(path: Path, runs: int) -> float | None:
    try:
        return 1e3 * measure_latency(path.read_bytes(), runs=runs, name=path)[True].median
    except ModelError as error:
        warn(f"not timed: {error}")
        return None
