"""Classifying recordings with the model of a run, of a preset, or of a file."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from dssd_tf.errors import ModelError, RecipeError
from dssd_tf.evaluation import open_predictor
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.presets import Classifier, is_preset, open_classifier
from dssd_tf.recipe import Recipe


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


def target_classifier(
    target: Path, *, use_float: bool = False, recipe: Recipe | None = None
) -> Classifier:
    """The classifier of a preset's folder, of a run's, or of a model file.

    A model file in a run's or a preset's folder goes by that folder's features and classes.

    Args:
        target: The folder, or a .keras or .tflite file.
        use_float: Use the folder's float model in any case.
        recipe: The recipe of a model file that lies elsewhere.

    Raises:
        RunError: The folder holds neither, or the run has no model yet.
        RecipeError: A model file's recipe is missing, or names no classes.
        ModelError: The model cannot be read or does not fit the features.
    """
    if target.suffix in {".keras", ".tflite"} and not target.is_dir():
        return _file_classifier(target, recipe)
    if is_preset(target):
        return open_classifier(target, use_float=use_float)
    run = RunFolder.existing(target, or_preset=True)
    return run_classifier(run, use_float=use_float)


def run_classifier(run: RunFolder, *, use_float: bool = False) -> Classifier:
    """The classifier of a run: the int8 model where there is one.

    Raises:
        RunError: The run has no model yet.
        ModelError: The model cannot be read or does not fit the features.
    """
    model = run.int8_model
    if use_float or not model.is_file():
        model = run.require(run.float_model, "train")
    return _recipe_classifier(model, run.recipe())


def _file_classifier(model: Path, recipe: Recipe | None) -> Classifier:
    if not model.is_file():
        raise ModelError("no such model file", path=model)
    if recipe is not None:
        return _recipe_classifier(model, recipe)
    if is_preset(model.parent):
        return open_classifier(model.parent, model=model)
    run = RunFolder(model.parent)
    if run.recipe_file.is_file():
        return _recipe_classifier(model, run.recipe())
    raise RecipeError(
        "is a model file outside a run or preset: how its features are made is not known",
        path=model,
        fix="give the recipe it was trained with by --recipe",
    )


def _recipe_classifier(model: Path, recipe: Recipe) -> Classifier:
    return Classifier(
        open_predictor(model),
        recipe.features,
        recipe.data.clip_seconds,
        _classes(recipe),
        path=model,
    )


def _classes(recipe: Recipe) -> Sequence[str]:
    if recipe.data.classes is not None:
        return recipe.data.classes
    if recipe.data.root is None:
        raise RecipeError(
            f"recipe {recipe.name!r} names no classes",
            fix="give the recipe.yaml of the run, the data by --data DIR, or "
            '--set "data.classes=[…]"',
        )
    from dssd_tf.data import read_dataset

    return read_dataset(recipe.data.root, recipe.data, seed=recipe.seed).classes
