"""What stands on the page of several runs, in order."""

import shlex
from typing import Any

from dssd_tf.report.devices import group_devices, pool
from dssd_tf.report.run import Run
from dssd_tf.report.schema import Scores
from dssd_tf.report.section import Missing, Section
from dssd_tf.report.sections.learning_curves import history_figure
from dssd_tf.report.side_by_side.runs import Runs
from dssd_tf.report.side_by_side.settings import settings

# Where no run has intervals.
_LEVEL = 0.95


def summary(runs: Runs) -> dict[str, Any]:
    """Results and cost of each run's deployed system."""
    columns = []
    for name, run in runs.by_name.items():
        complexity = run.complexity
        columns.append(
            {
                "name": name,
                "system": run.deployed,
                "result": run.deployed_metrics,
                "cost": complexity.by_name().get(run.deployed) if complexity else None,
                "edition": complexity.edition if complexity and complexity.checks else None,
                "passed": complexity is not None and all(c.passed for c in complexity.checks),
                "hole": _hole(name, run),
            }
        )
    intervals = [run.deployed_metrics.intervals for run in runs.by_name.values()]
    return {"columns": columns, "level": next((i.level for i in intervals if i), _LEVEL)}


def class_wise(runs: Runs) -> dict[str, Any]:
    """Accuracy of each class by run."""
    rows = [
        _row(label, [run.deployed_metrics.of_class(label) for run in runs.by_name.values()])
        for label in runs.classes
    ]
    return {"names": list(runs.by_name), "rows": rows}


def device_wise(runs: Runs) -> dict[str, Any] | Missing:
    """Accuracy of each device and group of devices by run."""
    every = list(runs.by_name.values())
    devices = {device for run in every for device in run.deployed_metrics.device_wise}
    trained = [run.metrics.trained_devices for run in every]
    # Where the runs were not trained on the same devices, none is seen by all.
    groups = group_devices(devices, trained[0] if all(t == trained[0] for t in trained) else None)
    if not groups:
        return Missing("metrics.json names no device", ("dssd evaluate RUN",))
    return {
        "names": list(runs.by_name),
        "groups": [
            {
                "pooled": _row(group.label, [_pooled(run, group.devices) for run in every]),
                "rows": [
                    _row(device, [run.deployed_metrics.of_device(device) for run in every])
                    for device in group.inner
                ],
            }
            for group in groups
        ],
    }


def curves(runs: Runs) -> dict[str, Any] | Missing:
    """The loss of each run by epoch."""
    figures = [
        {
            "name": name,
            **history_figure(run.history, "loss", "Loss", None, of=name, prefix=f"run{number}"),
        }
        for number, (name, run) in enumerate(runs.by_name.items(), start=1)
        if run.history is not None
    ]
    if not figures:
        return Missing("no run has a history.csv", ("dssd train RECIPE --out RUN",))
    return {"figures": figures}


def _hole(name: str, run: Run) -> dict[str, str] | None:
    """Why the column of a run has no costs or no limits, and the command that gives them."""
    command = f"dssd complexity {shlex.quote(str(run.folder))}"
    if run.complexity is None:
        text = f"Costs of {name} left out: complexity.json is missing. Made by"
        return {"text": text, "command": command}
    if not run.complexity.checks:
        text = f"Limits of {name} left out: its recipe names no edition. Printed by"
        return {"text": text, "command": f"{command} --edition YEAR"}
    return None


def _row(label: str, scores: list[Scores]) -> dict[str, Any]:
    known = [score.accuracy for score in scores if score.accuracy is not None]
    return {"label": label, "scores": scores, "best": max(known, default=None)}


def _pooled(run: Run, devices: tuple[str, ...]) -> Scores:
    return pool(run.deployed_metrics.of_device(device) for device in devices)


_FOLDER = "side_by_side"

SECTIONS: tuple[Section, ...] = (
    Section("summary", "Summary", summary, _FOLDER),
    Section("class_wise", "Accuracy by class", class_wise, _FOLDER),
    Section("device_wise", "Accuracy by device", device_wise, _FOLDER),
    Section("curves", "Learning curves", curves, _FOLDER),
    Section("settings", "Settings that differ", settings, _FOLDER),
)
