"""Classifying recordings with the model of a run or of a preset."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from dssd_tf.errors import RunError
from dssd_tf.evaluation import open_predictor
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.presets import Classifier, is_preset, open_classifier


def predict_files(
    run: RunFolder, files: Sequence[Path], *, use_float: bool = False
) -> Iterator[tuple[Path, str, float]]:
    """Yield (file, most probable class, its probability) for each recording.

    The int8 model is used where there is one; `Classifier` tells how recordings are cut.

    Raises:
        DataError: A file cannot be read or is shorter than a clip.
        RunError: The run has no model yet.
    """
    return run_classifier(run, use_float=use_float).predict_files(files)


def target_classifier(folder: Path, *, use_float: bool = False) -> Classifier:
    """The classifier of a folder that holds a preset or a run.

    Raises:
        RunError: The folder holds neither, or the run has no model yet.
        ModelError: The model cannot be read or does not fit the features.
    """
    if is_preset(folder):
        return open_classifier(folder, use_float=use_float)
    run = RunFolder(folder)
    if not run.recipe_file.is_file():
        raise RunError(
            "is not a run's folder (no recipe.yaml) and not a preset (no preset.json)",
            path=folder,
            fix="make a run with `dssd run RECIPE --out DIR`",
        )
    return run_classifier(run, use_float=use_float)


def run_classifier(run: RunFolder, *, use_float: bool = False) -> Classifier:
    """The classifier of a run: the int8 model where there is one.

    Raises:
        RunError: The run has no model yet.
        ModelError: The model cannot be read or does not fit the features.
    """
    recipe = run.recipe()
    model = run.int8_model
    if use_float or not model.is_file():
        model = run.require(run.float_model, "train")
    return Classifier(
        open_predictor(model),
        recipe.features,
        recipe.data.clip_seconds,
        recipe.data.classes or (),
        path=model,
    )
