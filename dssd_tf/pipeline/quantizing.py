"""Quantizing a model by one of the methods, with a recipe's data."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dssd_tf.files import write_bytes
from dssd_tf.pipeline.training_clips import (
    prepared_augmentation,
    training_clips,
    validation_clips,
)
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.float16 import quantize_float16
from dssd_tf.quantization.ptq import quantize_ptq


@dataclass(frozen=True)
class QuantizedFiles:
    """Where the results of quantizing a model go.

    Args:
        model: The .tflite file.
        fine_tuning: Folder of the states of a fine-tuning.
        twin: Folder of the fine-tuned twin.
        history: CSV file of the fine-tuning.
    """

    model: Path
    fine_tuning: Path
    twin: Path
    history: Path


def quantize_to(model: keras.Model, workspace: Workspace, files: QuantizedFiles) -> dict[str, Any]:
    """Quantize a model as the recipe says and write the .tflite file.

    Returns:
        What was done: `method`, `bytes`, and for `qat` `epochs` and `best_epoch`.

    Raises:
        ModelError: The model cannot be quantized in this way.
        RunError: A fine-tuning diverged, or its state cannot be read.
    """
    config = workspace.recipe.quantization
    notes: dict[str, Any] = {}
    if config.method == "float16":
        content = quantize_float16(model)
    elif config.method == "ptq":
        content = quantize_ptq(model, calibration_features(workspace))
    else:
        content, notes = _fine_tuned(model, workspace, files)
    write_bytes(files.model, content)
    return {"method": config.method, "bytes": len(content), **notes}


def calibration_features(workspace: Workspace) -> np.ndarray:
    """Features (clips, time, frequency, channels) of training clips, chosen by the seed."""
    clips = workspace.dataset.train
    count = min(workspace.recipe.quantization.calibration_clips, len(clips))
    generator = np.random.default_rng([workspace.recipe.seed, 0xCA11])
    chosen = generator.permutation(len(clips))[:count]
    store = workspace.store
    return store.gather(store.positions(clips["filename"].iloc[chosen]))


def _fine_tuned(
    model: keras.Model, workspace: Workspace, files: QuantizedFiles
) -> tuple[bytes, dict[str, Any]]:
    from dssd_tf.quantization.qat.bias_grid import settle_biases
    from dssd_tf.quantization.qat.calibration import calibrate
    from dssd_tf.quantization.qat.conversion import convert_twin
    from dssd_tf.quantization.qat.fine_tuning import fine_tune
    from dssd_tf.quantization.qat.losses import FineTuningLoss
    from dssd_tf.quantization.qat.stored_twin import save_twin
    from dssd_tf.quantization.qat.twin import make_twin

    recipe, config = workspace.recipe, workspace.recipe.quantization.fine_tuning
    twin = make_twin(
        deploy_form(model),
        shared_add_scale=config.shared_add_scale,
        observer_decay=config.observer_decay,
    )
    calibrate(twin, calibration_features(workspace), percentile=config.calibration_percentile)
    clips = training_clips(workspace)
    progress = fine_tune(
        twin,
        clips,
        validation_clips(workspace),
        config,
        FineTuningLoss(config, recipe.training.label_smoothing, _bank_loss(workspace)),
        batch_size=config.batch_size or recipe.training.batch_size,
        augmentation=prepared_augmentation(workspace),
        epochs_before=recipe.training.epochs,
        seed=recipe.seed,
        identity=_identity(twin.fingerprint(), workspace),
        folder=files.fine_tuning,
        history_path=files.history,
    )
    settle_biases(twin)
    save_twin(twin, files.twin)
    notes = {"epochs": progress.epoch, "best_epoch": progress.best_epoch}
    return convert_twin(twin), notes


def _bank_loss(workspace: Workspace) -> Any:
    """How the bank's logits enter the loss: averaged as in the recipe's distillation."""
    recipe = workspace.recipe
    if recipe.distillation is None or workspace.stored_logits is None:
        return None
    from dssd_tf.training.distillation.distillation_loss import DistillationLoss

    weights = recipe.distillation.teacher_weights
    return DistillationLoss(
        recipe.quantization.fine_tuning.temperature,
        # Live teachers come first; they are not asked again.
        teacher_weights=None if weights is None else weights[len(recipe.distillation.teachers) :],
        average=recipe.distillation.average,
        reduction="none",
    )


def _identity(fingerprint: str, workspace: Workspace) -> str:
    """Digest of all that the numbers of a fine-tuning depend on."""
    recipe = workspace.recipe.model_dump(
        mode="json",
        include={"seed", "data", "features", "augmentation", "training", "distillation"},
    )
    recipe["quantization"] = workspace.recipe.quantization.model_dump(mode="json")
    text = json.dumps([fingerprint, recipe], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
