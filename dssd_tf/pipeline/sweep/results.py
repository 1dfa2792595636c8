"""What one run of a sweep gave, as rows of a table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from dssd_tf.files import read_json, write_text
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.sweep.points import Point

FIRST = ("configuration", "fold", "seed", "system")
FIGURES = (
    "macro_accuracy",
    "log_loss",
    "seen_accuracy",
    "seen_log_loss",
    "unseen_accuracy",
    "unseen_log_loss",
    "ece",
    "parameters",
    "macs",
    "macs_torchinfo",
    "bytes",
    "train_seconds",
)
"""Accuracies are fractions, log losses natural; bytes are the file's."""


def result_rows(run: RunFolder, point: Point) -> list[dict[str, Any]]:
    """A row for each system of a finished run; what it lacks is None.

    Raises:
        RunError: The run is not evaluated yet.
    """
    metrics = read_json(run.require(run.metrics, "evaluate"))
    complexity = read_json(run.complexity) if run.complexity.is_file() else {}
    stages = run.finished()
    files = {"float": run.float_model, **run.quantized_models()}
    rows = []
    for system, scores in metrics["systems"].items():
        counts = complexity.get(system) or complexity.get("float") or {}
        row = {
            "configuration": point.configuration,
            "fold": point.fold,
            "seed": point.seed,
            "system": system,
            "macro_accuracy": scores["macro_accuracy"],
            "log_loss": scores["log_loss"],
            **_groups(scores),
            "ece": scores["calibration"]["ece"],
            "parameters": (complexity.get("float") or {}).get("parameters"),
            "macs": counts.get("macs"),
            "macs_torchinfo": (complexity.get("float") or {}).get("macs_torchinfo"),
            "bytes": files[system].stat().st_size,
            "train_seconds": stages.get("train", {}).get("seconds"),
        }
        rows.append(row | {f"set {key}": str(value) for key, value in point.settings.items()})
    return rows


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table of results, six digits a figure."""
    write_text(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def _groups(scores: Mapping[str, Any]) -> dict[str, float | None]:
    """Figures of the devices that were in training and of the others, by name."""
    found: dict[str, float | None] = {}
    for name in ("seen", "unseen"):
        group = scores["device_groups"].get(name, {})
        found |= {f"{name}_{figure}": group.get(figure) for figure in ("accuracy", "log_loss")}
    return found
