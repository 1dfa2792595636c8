"""The deployed model's predictions for an unlabelled evaluation set, in parts that are kept."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dssd_tf.data import FeatureStore, prepare_features, read_evaluation_set
from dssd_tf.data.cache.clip_file import file_digest, look_at_all
from dssd_tf.errors import DataError
from dssd_tf.evaluation.predictions import (
    predict_positions,
    prediction_table,
    write_predictions,
)
from dssd_tf.evaluation.predictor import Predictor, open_predictor
from dssd_tf.files import atomic_path, read_json, write_json
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.progress import bar
from dssd_tf.recipe import Recipe

PART = 4096
"""Clips whose logits are kept at once: what a stopped command loses at most."""


def predict_evaluation_set(run: RunFolder, root: Path, *, cache: Path | None = None) -> str:
    """Write `predictions_evaluation.csv` with the deployed model's row for every clip.

    Features come from the cache, and what is missing there is computed by its workers; logits are
    kept part by part, so that a stopped command goes on, and a finished one does nothing. Only
    the logits, 4 bytes a clip and class, are held in memory.

    Args:
        run: The run, with its models.
        root: The evaluation set: `audio/N.wav`, and `evaluation_setup/fold1_test.csv` if it has a
            list.
        cache: The feature cache; None for that of the run's recipe.

    Returns:
        What was done, for people.

    Raises:
        DataError: The evaluation set cannot be read, or the model has other outputs.
        RunError: The run has no model yet, or the model does not take the recipe's features.
    """
    recipe = run.recipe()
    classes = recipe.data.classes or ()
    clips = read_evaluation_set(root)
    system, model = run.deployed_model()
    origin = {
        "root": str(root.resolve()),
        "clips": len(clips),
        "files": _files_digest(root, clips),
        "model": file_digest(model),
    }
    done = f"{len(clips):,} clips of {root}, {system} model"
    if run.evaluation_predictions.is_file() and origin == read_origin(run):
        return f"{done}: there already"
    names = list(clips["filename"])
    folder = cache or recipe.data.cache or run.path.parent / "feature_cache"
    store = evaluation_features(root, names, recipe, folder)
    parts = run.evaluation_parts / _digest(f"{origin['model']} {origin['files']}")
    logits = _predict(open_predictor(model), store, names, parts, f"evaluation set, {system}")
    if logits.shape[1] != len(classes):
        raise DataError(f"gives {logits.shape[1]} logits for {len(classes)} classes", path=model)
    write_predictions(
        run.evaluation_predictions, [prediction_table(clips, system, logits, classes)]
    )
    write_json(run.evaluation_set, origin)
    shutil.rmtree(run.evaluation_parts)
    return done


def evaluation_features(
    root: Path, names: Sequence[str], recipe: Recipe, cache: Path
) -> FeatureStore:
    """The clips' features in full precision, prepared where the cache lacks them.

    Half precision, which does for training, moves some values across a step of an int8 input: the
    rows would not be those of the delivered model.
    """
    data = recipe.data.model_copy(update={"cache_dtype": "float32"})
    description = "log-mel features of the evaluation set"
    return prepare_features(root, names, data, recipe.features, cache, description=description)


def read_origin(run: RunFolder) -> dict[str, str | int] | None:
    """What the run's evaluation predictions were made of, if that is known."""
    return read_json(run.evaluation_set) if run.evaluation_set.is_file() else None


def _files_digest(root: Path, clips: pd.DataFrame) -> str:
    """Of the list (filename, device) and of the recordings' sizes and times."""
    files = look_at_all(root, list(clips["filename"]))
    rows = zip(clips["filename"], clips["device"], files, strict=True)
    return _digest("\n".join(f"{name}\t{device}\t{file}" for name, device, file in rows))


def _predict(
    predictor: Predictor, store: FeatureStore, names: list[str], parts: Path, description: str
) -> NDArray[np.float32]:
    positions = store.positions(names)
    logits = []
    with bar(description, len(positions)) as advance:
        for start in range(0, len(positions), PART):
            part, file = positions[start : start + PART], parts / f"{start:08d}.npy"
            if file.is_file():
                logits.append(np.load(file))
                advance(len(part))
                continue
            logits.append(predict_positions(predictor, store, part, advance))
            with atomic_path(file) as unfinished, unfinished.open("wb") as handle:
                np.save(handle, logits[-1])
    return np.concatenate(logits)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
