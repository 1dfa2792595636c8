"""Stage: run the models over the test clips and the evaluation set."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dssd_tf.evaluation.metrics import agreement, score
from dssd_tf.evaluation.predictions import predict_store, prediction_table, write_predictions
from dssd_tf.evaluation.predictor import Predictor, open_predictor, softmax
from dssd_tf.files import write_json
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace


def evaluate_models(run: RunFolder, workspace: Workspace) -> list[str]:
    """Write `predictions.csv`, `metrics.json` and, with an evaluation set, its predictions."""
    predictors = open_systems(run)
    logits, metrics = score_systems(predictors, workspace)
    clips = workspace.dataset.test
    write_predictions(
        run.predictions,
        [
            prediction_table(clips, system, values, workspace.dataset.classes)
            for system, values in logits.items()
        ],
    )
    write_json(run.metrics, metrics)
    store, unlabelled = workspace.evaluation_store, workspace.evaluation_clips
    if store is not None and unlabelled is not None:
        names = list(unlabelled["filename"])
        tables = [
            prediction_table(
                unlabelled,
                system,
                predict_store(predictor, store, names, f"evaluation set, {system}"),
                workspace.dataset.classes,
            )
            for system, predictor in predictors.items()
        ]
        write_predictions(run.evaluation_predictions, tables)
    return [
        f"{system}: macro accuracy {m['macro_accuracy']:.3f}, log loss {m['log_loss']:.3f}"
        for system, m in metrics["systems"].items()
    ]


def open_systems(run: RunFolder) -> dict[str, Predictor]:
    """The run's models: `float`, and `int8` where it was made."""
    systems = {"float": open_predictor(run.require(run.float_model, "train"))}
    if run.int8_model.is_file():
        systems["int8"] = open_predictor(run.int8_model)
    elif run.recipe().quantization.method != "none":
        run.require(run.int8_model, "quantize")
    return systems


def score_systems(
    predictors: Mapping[str, Predictor], workspace: Workspace
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Logits (clips, classes) of each system on the test clips, and `metrics.json`'s content."""
    dataset = workspace.dataset
    clips = dataset.test
    names = list(clips["filename"])
    logits = {
        system: predict_store(predictor, workspace.store, names, f"test clips, {system}")
        for system, predictor in predictors.items()
    }
    truth = clips["label"].to_numpy(dtype=np.int64)
    metrics: dict[str, Any] = {
        "classes": list(dataset.classes),
        "systems": {
            system: score(truth, softmax(values), list(clips["device"]), dataset.classes)
            for system, values in logits.items()
        },
    }
    if {"float", "int8"} <= logits.keys():
        metrics["agreement"] = agreement(logits["float"], logits["int8"])
    return logits, metrics
