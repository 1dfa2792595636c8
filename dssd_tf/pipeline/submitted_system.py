"""What the runs of one system give to a submission."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dssd_tf.challenge import Edition, SystemResult
from dssd_tf.data.cache.clip_file import file_digest
from dssd_tf.errors import PackageError
from dssd_tf.evaluation.metrics import score
from dssd_tf.evaluation.predictions import read_predictions
from dssd_tf.files import read_json
from dssd_tf.pipeline.evaluation_set import read_origin
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.run_words import run_in_words
from dssd_tf.pipeline.system_runs import SystemRuns
from dssd_tf.systems import SYSTEMS, deployed_system


def submitted_system(runs: SystemRuns, edition: Edition) -> SystemResult:
    """The system as it was measured.

    A clip of a device with a model of its own has that model's row, any other the general one's.
    Of several models the largest figure of each counts.

    Raises:
        PackageError: The runs' predictions are not of the same clips, or are older than the model.
        RunError: A run is not evaluated or not counted yet.
    """
    outputs = {split: submission_rows(run) for split, run in runs.by_split.items()}
    if runs.by_device:
        rows = {device: submission_rows(run) for device, run in runs.by_device.items()}
        outputs = {None: _joined(outputs[None], rows, runs)}
    words = run_in_words(runs.first) | _device_words(runs, edition)
    return SystemResult(
        words, _complexity(runs.all), outputs, _results(runs, edition), _energy(runs)
    )


def submission_rows(run: RunFolder) -> pd.DataFrame:
    """The deployed model's rows of the evaluation set or, where there is none, the test clips.

    Raises:
        PackageError: The rows are older than the model.
        RunError: The run is not evaluated yet.
    """
    metrics = read_metrics(run)
    system = deployed_system(metrics["systems"])
    if not run.evaluation_predictions.is_file():
        table = read_predictions(run.predictions)
        return table[table["system"] == system]
    origin = read_origin(run)
    _, model = run.deployed_model()
    if origin is not None and origin["model"] != file_digest(model):
        raise PackageError(
            "was made with another model than the run has now",
            path=run.evaluation_predictions,
            fix=f"run `dssd evaluate {run.path} --eval {origin['root']}` again",
        )
    table = read_predictions(run.evaluation_predictions)
    return table[table["system"] == system]


def read_metrics(run: RunFolder) -> dict[str, Any]:
    """`metrics.json`.

    Raises:
        RunError: The run is not evaluated yet.
    """
    found: dict[str, Any] = read_json(run.require(run.metrics, "evaluate"))
    return found


def _joined(
    general: pd.DataFrame, by_device: Mapping[str, pd.DataFrame], runs: SystemRuns
) -> pd.DataFrame:
    """The general model's rows, those of devices with a model of their own replaced."""
    result = general.set_index("filename")
    if not result["device"].isin(list(by_device)).any():
        listed = ", ".join(by_device)
        raise PackageError(
            f"the clips name no device of {listed}, for which there are models",
            path=runs.first.path,
            fix="evaluate on a set whose evaluation_setup/fold1_test.csv has the column device_id",
        )
    for device, table in by_device.items():
        rows = table.set_index("filename")
        names = result.index[result["device"] == device]
        missing = names.difference(rows.index)
        if len(missing):
            raise PackageError(
                f"has no prediction for {missing[0]}",
                path=runs.by_device[device].path,
                fix="evaluate it on the clips of the general model",
            )
        result.loc[names] = rows.loc[names, result.columns]
    return result.reset_index()


def _results(runs: SystemRuns, edition: Edition) -> dict[str | None, Mapping[str, Any]]:
    """Development metrics by result group."""
    if edition.splits.value:
        names = {split: f"split_{split}" for split in runs.by_split}
        return {names[split]: _metrics(run) for split, run in runs.by_split.items()}
    general = _metrics(runs.first)
    if edition.result_groups == [None]:
        return {None: general}
    return dict.fromkeys(edition.result_groups, general) | (
        {"device_specific": _joined_metrics(runs)} if runs.by_device else {}
    )


def _metrics(run: RunFolder) -> Mapping[str, Any]:
    systems: dict[str, Any] = read_metrics(run)["systems"]
    found: Mapping[str, Any] = systems[deployed_system(systems)]
    return found


def _joined_metrics(runs: SystemRuns) -> Mapping[str, Any]:
    """Of the general model on the test clips, with the models of devices for theirs."""
    tables = {run.path: _test_rows(run) for run in runs.all}
    by_device = {device: tables[run.path] for device, run in runs.by_device.items()}
    table = _joined(tables[runs.first.path], by_device, runs)
    metrics = [read_metrics(run) for run in runs.all]
    classes = list(metrics[0]["classes"])
    trained = {device for found in metrics for device in found["trained_devices"]}
    return score(
        np.array([classes.index(label) for label in table["scene_label"]], dtype=np.int64),
        table[classes].to_numpy(np.float64),
        classes,
        devices=list(table["device"]),
        recordings=list(table["recording"]),
        trained_devices=trained,
    )


def _test_rows(run: RunFolder) -> pd.DataFrame:
    table = read_predictions(run.require(run.predictions, "evaluate"))
    return table[table["system"] == deployed_system(read_metrics(run)["systems"])]


def _complexity(runs: Sequence[RunFolder]) -> dict[str, Any]:
    """Of the runs' `complexity.json`, the largest of each figure; types of all."""
    found = [read_json(run.require(run.complexity, "complexity")) for run in runs]
    result = {}
    for system in SYSTEMS:
        tables = [complexity[system] for complexity in found if complexity.get(system)]
        if tables and len(tables) < len(found):
            raise PackageError(
                f"only some of the system's runs have a model of type {system}",
                path=_lacking(runs, found, system),
                fix="quantize all of them in the same way",
            )
        if tables:
            result[system] = {key: _largest([table[key] for table in tables]) for key in tables[0]}
            dtypes = {str(dtype) for table in tables for dtype in table["dtypes"]}
            result[system]["dtypes"] = sorted(dtypes)
    return result


def _lacking(runs: Sequence[RunFolder], found: Sequence[Any], system: str) -> Path:
    return next(run.path for run, one in zip(runs, found, strict=True) if not one.get(system))


def _largest(values: Sequence[Any]) -> Any:
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    return max(numbers) if len(numbers) == len(values) else values[0]


def _energy(runs: SystemRuns) -> dict[str, float | None]:
    """kWh by part, null where it was not measured."""
    file = runs.first.energy
    found = read_json(file) if file.is_file() else {}
    return {part: energy and energy["kwh"] for part, energy in found.items()}


def _device_words(runs: SystemRuns, edition: Edition) -> dict[str, Any]:
    """How devices that are known are made use of; keys of 2025."""
    if not edition.device_models:
        return {}
    words: dict[str, Any] = {"num_models_at_inference": len(runs.all)}
    if runs.by_device:
        listed = ", ".join(runs.by_device)
        words["device_information"] = f"a model of its own for each of {listed}"
        words["model_weight_sharing"] = (
            f"device-specific for {listed}, one general model for others"
        )
    return words
