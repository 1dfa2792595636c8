"""A recipe's data at hand: tables and features, read when they are first asked for."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dssd_tf.data import (
    Dataset,
    FeatureStore,
    WaveformStore,
    prepare_features,
    prepare_waveforms,
    read_dataset,
    read_evaluation_set,
)
from dssd_tf.errors import RecipeError
from dssd_tf.pipeline.evaluation_set import evaluation_features
from dssd_tf.recipe import Recipe

if TYPE_CHECKING:
    from dssd_tf.pipeline.teacher_source import Teacher


class Workspace:
    """The data of a recipe.

    Args:
        recipe: The recipe.
        cache: Folder of the feature cache where the recipe names none.

    Raises:
        RecipeError: The recipe names no data folder.
    """

    def __init__(self, recipe: Recipe, cache: Path):
        if recipe.data.root is None:
            raise RecipeError(
                f"recipe {recipe.name!r} names no data folder", fix="give it with --data DIR"
            )
        self.recipe, self.root = recipe, recipe.data.root
        self.cache = recipe.data.cache or Path(cache)

    @cached_property
    def dataset(self) -> Dataset:
        """The fold's tables."""
        return read_dataset(self.root, self.recipe.data, seed=self.recipe.seed)

    def resolved(self) -> Recipe:
        """The recipe with the class list of the data written into it, and absolute paths."""
        recipe = self.recipe
        data = recipe.data.model_copy(
            update={
                "classes": self.dataset.classes,
                "root": self.root.resolve(),
                "cache": _absolute(recipe.data.cache),
            }
        )
        challenge = recipe.challenge.model_copy(update={"entry": _absolute(recipe.challenge.entry)})
        distillation = recipe.distillation
        if distillation is not None:
            placed = {
                "bank": _absolute(distillation.bank),
                "teachers": tuple(path.resolve() for path in distillation.teachers),
            }
            distillation = distillation.model_copy(update=placed)
        model = recipe.model.model_copy(update={"weights": _absolute(recipe.model.weights)})
        return recipe.model_copy(
            update={
                "data": data,
                "model": model,
                "challenge": challenge,
                "distillation": distillation,
            }
        )

    @cached_property
    def store(self) -> FeatureStore:
        """Features of every clip of the fold."""
        return prepare_features(
            self.root, self.dataset.filenames, self.recipe.data, self.recipe.features, self.cache
        )

    @cached_property
    def waveforms(self) -> WaveformStore:
        """Waveforms of the training clips, which augmentations of that domain need."""
        return prepare_waveforms(
            self.root,
            list(self.dataset.train["filename"]),
            self.recipe.data,
            self.recipe.features.sampling_rate,
            self.cache,
            description="waveforms of the training clips",
        )

    @cached_property
    def live_teachers(self) -> "list[Teacher]":
        """The recipe's live teachers, checked but not loaded."""
        from dssd_tf.pipeline.student_teachers import live_teachers

        return live_teachers(self.recipe, self.dataset)

    @cached_property
    def stored_logits(self) -> NDArray[np.float32] | None:
        """The bank's logits of the training clips, (clips, teachers, classes), if there is one."""
        from dssd_tf.pipeline.student_teachers import stored_logits

        return stored_logits(self.recipe, self.dataset)

    @cached_property
    def evaluation_clips(self) -> pd.DataFrame | None:
        """The unlabelled evaluation set, or None if the recipe has none."""
        folder = self.evaluation_root
        return None if folder is None else read_evaluation_set(folder)

    @cached_property
    def evaluation_store(self) -> FeatureStore | None:
        """Features of the evaluation set, or None if the recipe has none."""
        folder, clips = self.evaluation_root, self.evaluation_clips
        if folder is None or clips is None:
            return None
        return evaluation_features(folder, list(clips["filename"]), self.recipe, self.cache)

    @property
    def evaluation_root(self) -> Path | None:
        """Folder of the evaluation set, or None if the recipe has none."""
        named = self.recipe.data.evaluation
        return None if named is None else self.root / named


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.resolve()
