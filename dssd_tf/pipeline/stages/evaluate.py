"""Stage: run the models over the test clips and the evaluation set."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dssd_tf.evaluation.metrics import agreement, score
from dssd_tf.evaluation.predictions import predict_store, prediction_table, write_predictions
from dssd_tf.evaluation.predictor import Predictor, open_predictor, softmax
from dssd_tf.files import write_json
from dssd_tf.pipeline.evaluation_set import predict_evaluation_set
from dssd_tf.pipeline.mistakes import write_mistakes
from dssd_tf.pipeline.parity import write_parity
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace


def evaluate_models(run: RunFolder, workspace: Workspace) -> list[str]:
    """Write `predictions.csv`, `metrics.json`, `parity.json` and `mistakes/`.

    With an evaluation set its predictions by the deployed model are written too.
    """
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
    remarks = write_parity(run, workspace, logits)
    deployed = list(logits)[-1]
    write_mistakes(run, workspace, deployed, predictors[deployed], logits[deployed])
    if workspace.evaluation_root is not None:
        predict_evaluation_set(run, workspace.evaluation_root, cache=workspace.cache)
    return [
        f"{system}: macro accuracy {m['macro_accuracy']:.3f}, log loss {m['log_loss']:.3f}"
        for system, m in metrics["systems"].items()
    ] + remarks


def open_systems(run: RunFolder) -> dict[str, Predictor]:
    """The run's models: `float`, and `float16` or `int8` where they were made."""
    systems = {"float": open_predictor(run.require(run.float_model, "train"))}
    method = run.quantization_method()
    wanted = {"none": None, "float16": run.float16_model}.get(method, run.int8_model)
    if wanted is not None:
        run.require(wanted, "quantize")
    for system, file in run.quantized_models().items():
        systems[system] = open_predictor(file)
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
    trained = {name for table in (dataset.train, dataset.validation) for name in table["device"]}
    metrics: dict[str, Any] = {
        "classes": list(dataset.classes),
        "trained_devices": sorted(trained),
        "systems": {
            system: score(
                truth,
                softmax(values),
                dataset.classes,
                devices=list(clips["device"]),
                recordings=list(clips["recording"]),
                trained_devices=trained,
            )
            for system, values in logits.items()
        },
    }
    if "float" in logits and len(logits) > 1:
        metrics["agreement"] = agreement(logits["float"], list(logits.values())[-1])
    return logits, metrics
