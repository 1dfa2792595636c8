"""From runs to a validated submission."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dssd_tf.challenge import (
    Edition,
    Outcome,
    SystemResult,
    read_entry,
    validate,
    write_package,
)
from dssd_tf.errors import PackageError
from dssd_tf.evaluation.predictions import read_predictions
from dssd_tf.files import atomic_path, read_json
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.progress import warn
from dssd_tf.recipe import Recipe
from dssd_tf.systems import deployed_system


@dataclass(frozen=True)
class Package:
    """A written package and what is to be known about it."""

    path: Path
    remarks: list[str]


def package_runs(
    runs: Sequence[RunFolder], edition: Edition, entry_file: Path, out: Path
) -> Package:
    """Write one package from finished runs and validate it.

    Without training splits in the edition, each run is a system; with splits, each run is one
    split of one system. The rows are those of the runs' evaluation set, or, where they have
    none, of their test clips. A package with a fault is not kept.

    Raises:
        PackageError: The runs do not fit the edition or each other, or the package has faults.
        RunError: A run is not evaluated or not counted yet.
    """
    entry = read_entry(entry_file)
    metrics = [read_json(run.require(run.metrics, "evaluate")) for run in runs]
    classes = metrics[0]["classes"]
    outcomes = [_outcome(run, m) for run, m in zip(runs, metrics, strict=True)]
    files = list(outcomes[0].predictions["filename"])
    for run, m, outcome in zip(runs, metrics, outcomes, strict=True):
        if m["classes"] != classes or set(outcome.predictions["filename"]) != set(files):
            raise PackageError(
                f"has other classes or evaluation clips than {runs[0].path}",
                path=run.path,
                fix="package only runs on the same data",
            )
    systems = (
        [_split_system(runs, outcomes)]
        if edition.splits.value
        else [_system(run, {None: outcome}) for run, outcome in zip(runs, outcomes, strict=True)]
    )
    official = classes == edition.classes.value and len(files) == edition.rows.value
    names = None if official else files
    labels = None if official else classes
    remarks = []
    if not official:
        remarks.append(
            f"checked against this data's {len(files)} clips and {len(classes)} classes, "
            f"not the official evaluation set of {edition.year}"
        )
    with tempfile.TemporaryDirectory() as folder:
        sheet = None
        if entry.report is None:
            sheet = _results_sheet(runs[0], Path(folder) / "results.pdf")
            warn("the entry names no technical report: a results sheet stands in for it")
        written = write_package(
            systems, edition, entry, folder, classes=labels, files=names, report=sheet
        )
        faults = validate(written, edition, classes=labels, files=names)
        if faults:
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            raise PackageError(f"the package has a fault: {faults[0]}{more}")
        target = out / written.name
        with atomic_path(target) as part:
            part.write_bytes(written.read_bytes())
    return Package(target, [*remarks, "valid"])


def submission_rows(run: RunFolder) -> tuple[list[str], list[str]]:
    """Classes and file names of the rows that a run's submission has."""
    metrics = read_json(run.require(run.metrics, "evaluate"))
    return metrics["classes"], list(_outcome(run, metrics).predictions["filename"])


def _outcome(run: RunFolder, metrics: dict[str, Any]) -> Outcome:
    source = run.predictions
    if run.evaluation_predictions.is_file():
        source = run.evaluation_predictions
    table: pd.DataFrame = read_predictions(source)
    system = deployed_system(metrics["systems"])
    return Outcome(table[table["system"] == system], metrics["systems"][system])


def _system(run: RunFolder, outcomes: dict[int | None, Outcome]) -> SystemResult:
    complexity = read_json(run.require(run.complexity, "complexity"))
    return SystemResult(_in_words(run.recipe(), run), complexity, outcomes)


def _split_system(runs: Sequence[RunFolder], outcomes: Sequence[Outcome]) -> SystemResult:
    by_split: dict[int | None, Outcome] = {}
    for run, outcome in zip(runs, outcomes, strict=True):
        split = run.recipe().data.split
        if split is None:
            raise PackageError(
                "was not trained on a training split", path=run.path, fix="set data.split"
            )
        if split in by_split:
            raise PackageError(f"is a second run of split {split}", path=run.path)
        by_split[split] = outcome
    return _system(runs[0], by_split)


def _in_words(recipe: Recipe, run: RunFolder) -> dict[str, str]:
    environment = read_json(run.environment)
    packages = environment["packages"]
    return {
        "input_sampling_rate": f"{recipe.features.sampling_rate / 1000:g} kHz",
        "acoustic_features": recipe.features.describe(),
        "data_augmentation": ", ".join(a.describe() for a in recipe.augmentation) or "none",
        "machine_learning_method": f"CNN ({recipe.model.name})",
        "framework": f"keras {packages['keras']}, tensorflow {packages['tensorflow']}",
    }


def _results_sheet(run: RunFolder, target: Path) -> Path:
    from dssd_tf.report import write_results_sheet

    return write_results_sheet(run.path, target, run.recipe().name)
