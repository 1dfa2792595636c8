"""The teachers that a recipe names, checked against its data: live ones and a bank's."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from dssd_tf.data import DataConfig, Dataset, read_dataset
from dssd_tf.errors import DataError, RecipeError
from dssd_tf.models import load_model
from dssd_tf.pipeline.teacher_source import Teacher, open_teacher
from dssd_tf.presets.config import make_preset_config
from dssd_tf.presets.fit import require_fit
from dssd_tf.progress import warn
from dssd_tf.recipe import Recipe
from dssd_tf.teachers import TeacherBank

_STORE = "store its logits with `dssd teach` and name the bank in distillation.bank"


def live_teachers(recipe: Recipe, dataset: Dataset) -> list[Teacher]:
    """Those of `distillation.teachers`, not loaded yet.

    Raises:
        RunError: One is no run, preset or model file, or has no float model.
        RecipeError: One takes other features than the student.
        DataError: One has other classes, or was trained on recordings of the student's test.
    """
    if recipe.distillation is None or not recipe.distillation.distils:
        return []
    return [_live_teacher(target, recipe, dataset) for target in recipe.distillation.teachers]


def load_teachers(teachers: Sequence[Teacher], classes: Sequence[str]) -> list[keras.Model]:
    """The networks of `live_teachers`, whose outputs are `classes`.

    Raises:
        ModelError: A file is no Keras model, ends in an activation, or does not fit features and
            classes.
    """
    models = []
    for number, teacher in enumerate(teachers):
        model = load_model(teacher.model)
        values = {
            "features": teacher.features,
            "clip_seconds": teacher.clips.clip_seconds,
            "classes": tuple(classes),
            "coarse_classes": teacher.coarse_classes,
        }
        require_fit(model, make_preset_config(values, teacher.model), teacher.model)
        model.name = f"teacher_{number}"
        models.append(model)
    return models


def stored_logits(recipe: Recipe, dataset: Dataset) -> NDArray[np.float32] | None:
    """The bank's logits of the training clips, (clips, teachers, classes); None without a bank.

    Raises:
        DataError: There is no such bank or teacher, its classes are others, clips are missing,
            or a teacher was trained on recordings of the student's test.
        RecipeError: There are more or fewer teacher weights than teachers.
    """
    config = recipe.distillation
    if config is None or config.bank is None or not config.distils:
        return None
    names = list(dataset.train["filename"])
    bank = TeacherBank.open(config.bank).check(
        dataset.classes,
        names,
        set(dataset.test["recording"]),
        teachers=config.bank_teachers,
        fold=recipe.data.fold,
        split=recipe.data.split,
    )
    stacked = bank.stacked(names, config.bank_teachers)
    teachers = len(config.teachers) + stacked.shape[1]
    if config.teacher_weights is not None and len(config.teacher_weights) != teachers:
        raise RecipeError(
            f"{len(config.teacher_weights)} distillation.teacher_weights are given for {teachers} "
            f"teachers ({stacked.shape[1]} of them from {config.bank})",
            fix="give one a teacher, or name those of the bank in distillation.bank_teachers",
        )
    return stacked


def _live_teacher(target: Path, recipe: Recipe, dataset: Dataset) -> Teacher:
    # A run knows its own data; a preset and a file are taken to be for the student's.
    file = target.suffix == ".keras" and not target.is_dir()
    own = (target / "recipe.yaml").is_file()
    teacher = open_teacher(
        target, recipe=recipe if file else None, data=None if own else dataset.root
    )
    if file:
        teacher = replace(teacher, trained_on=None)
    if teacher.features != recipe.features:
        changed = [
            name
            for name, value in teacher.features.model_dump().items()
            if value != recipe.features.model_dump()[name]
        ]
        raise RecipeError(
            f"this teacher takes other features than the student (features.{changed[0]})",
            path=target,
            fix=_STORE,
        )
    if teacher.clips.clip_seconds != recipe.data.clip_seconds:
        raise RecipeError(
            f"this teacher takes clips of {teacher.clips.clip_seconds:g} s, the student of "
            f"{recipe.data.clip_seconds:g} s",
            path=target,
        )
    if teacher.classes is not None and teacher.classes != dataset.classes:
        raise DataError(
            f"this teacher's classes are {', '.join(teacher.classes)}, the student's "
            f"{', '.join(dataset.classes)}",
            path=target,
            fix=_STORE if set(teacher.classes) == set(dataset.classes) else None,
        )
    _refuse_leak(teacher, target, recipe, dataset)
    return teacher


def _refuse_leak(teacher: Teacher, target: Path, recipe: Recipe, dataset: Dataset) -> None:
    if teacher.trained_on is None:
        warn(f"{target}: whether it was trained on recordings of the test is not known")
        return
    if _same_lists(teacher.trained_on, recipe.data, dataset):
        return
    root = teacher.trained_on.root
    if root is None or not root.is_dir():
        warn(f"{target}: its data {root} is gone, so a leak into the test cannot be found")
        return
    trained = read_dataset(root, teacher.trained_on)
    seen = set(trained.train["recording"]) | set(trained.validation["recording"])
    shared = sorted(seen & set(dataset.test["recording"]))
    if shared:
        raise DataError(
            f"this teacher was trained on recording {shared[0]!r}, on which the student is tested "
            f"({len(shared)} such recordings)",
            path=target,
            fix="use a teacher that was trained on the student's training list",
        )


def _same_lists(theirs: DataConfig, own: DataConfig, dataset: Dataset) -> bool:
    """Whether teacher and student use the lists of one fold or split of one folder."""
    if theirs.root is None or theirs.root.resolve() != dataset.root.resolve():
        return False
    # All splits share one test list.
    if own.split is not None and theirs.split is not None:
        return True
    return (theirs.fold, theirs.split) == (own.fold, own.split)
