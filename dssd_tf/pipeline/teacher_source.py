"""A run, a preset or a model file as a teacher: its model, front end, clips and training list."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from dssd_tf.config_errors import describe_errors
from dssd_tf.data import DataConfig
from dssd_tf.errors import RecipeError, RunError
from dssd_tf.features import LogMelConfig
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.presets import is_preset, read_preset_config
from dssd_tf.presets.config import INT8_FILE, MODEL_FILE
from dssd_tf.recipe import Recipe


@dataclass(frozen=True)
class Teacher:
    """A model and all it takes to run it over clips.

    Args:
        kind: What it was opened from.
        source: The same for people, without where it lies.
        model: The file.
        features: The front end it was trained with.
        classes: In the order of its outputs; None: those of the data.
        coarse_classes: Outputs behind them, which are left out.
        clips: The data whose clips it is run over, with its root.
        trained_on: The data it was trained on, None where that is not known.
        cache: Folder of the feature cache.
    """

    kind: Literal["run", "preset", "model"]
    source: str
    model: Path
    features: LogMelConfig
    classes: tuple[str, ...] | None
    coarse_classes: tuple[str, ...]
    clips: DataConfig
    trained_on: DataConfig | None
    cache: Path


def open_teacher(
    target: Path | str,
    *,
    recipe: Recipe | None = None,
    data: Path | None = None,
    fold: int | None = None,
    split: int | None = None,
    int8: bool = False,
) -> Teacher:
    """What a run's folder, a preset's folder or a model file is as a teacher.

    Args:
        target: The folder or the `.keras` or `.tflite` file.
        recipe: Whose clips are used; None for a run: its own. A model file needs the recipe it
            was trained with.
        data: Dataset folder, instead of the recipe's or the run's.
        fold: The fold that a preset was trained on, where it is known.
        split: The split that a preset was trained on, where it is known.
        int8: The int8 model of a run or preset instead of the float one.

    Raises:
        RunError: The folder holds neither a run nor a preset, or the run has no such model yet.
        ModelError: The preset is damaged.
        RecipeError: A model file has no recipe, no data folder is named, or a fold is given for
            what is no preset.
    """
    target = Path(target)
    if (fold is not None or split is not None) and not is_preset(target):
        raise RecipeError(
            "--fold and --split say what a preset was trained on",
            path=target,
            fix="leave them out: a run or a recipe says it itself",
        )
    if target.suffix in {".keras", ".tflite"} and not target.is_dir():
        return _model_teacher(target, recipe, data)
    if is_preset(target):
        return _preset_teacher(target, recipe, data, fold, split, int8)
    return _run_teacher(RunFolder.existing(target), recipe, data, int8)


def _run_teacher(run: RunFolder, recipe: Recipe | None, data: Path | None, int8: bool) -> Teacher:
    own = run.recipe()
    if int8:
        model = run.require(run.int8_model, "quantize")
    else:
        model = run.require(run.float_model, "train")
    trained_on = _placed(own.data, data, run.recipe_file)
    return Teacher(
        kind="run",
        source=f"run {run.path.resolve().name}, recipe {own.name!r}",
        model=model,
        features=own.features,
        classes=own.data.classes,
        coarse_classes=(),
        clips=trained_on if recipe is None else _placed(recipe.data, data, recipe.name),
        trained_on=trained_on,
        cache=_cache(own if recipe is None else recipe, run.path.parent / "feature_cache"),
    )


def _preset_teacher(
    folder: Path,
    recipe: Recipe | None,
    data: Path | None,
    fold: int | None,
    split: int | None,
    int8: bool,
) -> Teacher:
    config = read_preset_config(folder)
    model = folder / (INT8_FILE if int8 else MODEL_FILE)
    if not model.is_file():
        raise RunError("the preset has no such model", path=model)
    listed = {"fold": 1 if fold is None else fold, "split": split}
    try:
        own = DataConfig.model_validate({"clip_seconds": config.clip_seconds, **listed})
    except ValidationError as error:
        raise RecipeError(describe_errors(error, DataConfig), path=folder) from error
    clips = _placed(own if recipe is None else recipe.data, data, folder)
    known = fold is not None or split is not None
    return Teacher(
        kind="preset",
        source=f"preset {folder.resolve().name}, {config.network or 'own network'}",
        model=model,
        features=config.features,
        classes=config.classes,
        coarse_classes=config.coarse_classes,
        clips=clips,
        trained_on=clips.model_copy(update=listed) if known else None,
        cache=_cache(recipe, Path("feature_cache")),
    )


def _model_teacher(model: Path, recipe: Recipe | None, data: Path | None) -> Teacher:
    if recipe is None:
        raise RecipeError(
            "is a model file: how its features are made is not known",
            path=model,
            fix="give the recipe it was trained with by --recipe",
        )
    clips = _placed(recipe.data, data, recipe.name)
    return Teacher(
        kind="model",
        source=f"file {model.name}, recipe {recipe.name!r}",
        model=model,
        features=recipe.features,
        classes=clips.classes,
        coarse_classes=(),
        clips=clips,
        trained_on=clips,
        cache=_cache(recipe, Path("feature_cache")),
    )


def _placed(config: DataConfig, data: Path | None, path: Path | str) -> DataConfig:
    root = data or config.root
    if root is None:
        raise RecipeError("names no data folder", path=path, fix="give it with --data DIR")
    return config.model_copy(update={"root": root.resolve()})


def _cache(recipe: Recipe | None, otherwise: Path) -> Path:
    return (recipe.data.cache if recipe is not None else None) or otherwise
