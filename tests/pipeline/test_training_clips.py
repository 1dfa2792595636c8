from collections.abc import Callable
from pathlib import Path

import numpy as np

from dssd_tf.pipeline import Workspace
from dssd_tf.pipeline.teacher_source import open_teacher
from dssd_tf.pipeline.teaching import teach
from dssd_tf.pipeline.training_clips import (
    prepared_augmentation,
    training_clips,
    validation_clips,
)
from dssd_tf.recipe import Recipe


def test_tables_hold_the_clips_of_their_lists(changed_workspace: Callable[..., Workspace]) -> None:
    workspace = changed_workspace()
    train, held_out = training_clips(workspace), validation_clips(workspace)
    assert held_out is not None
    assert len(train) == len(workspace.dataset.train)
    assert len(held_out) == len(workspace.dataset.validation)
    np.testing.assert_array_equal(train.labels, workspace.dataset.train["label"])
    assert train.arrays == {} and train.store is workspace.store
    names = [workspace.dataset.devices[index] for index in train.devices]  # type: ignore[union-attr]
    assert names == list(workspace.dataset.train["device"])


def test_without_held_out_clips_there_is_no_table(
    changed_workspace: Callable[..., Workspace],
) -> None:
    assert validation_clips(changed_workspace(data={"validation_fraction": 0.0})) is None


def test_weights_and_stored_logits_travel_with_the_training_clips(
    changed_workspace: Callable[..., Workspace], finished_run: Path, tmp_path: Path
) -> None:
    teach(open_teacher(finished_run), tmp_path / "bank", "big")
    values = changed_workspace(training={"class_weight": "balanced"}).recipe.model_dump()
    values["distillation"] = {"bank": tmp_path / "bank"}
    workspace = Workspace(Recipe.model_validate(values), finished_run.parent / "feature_cache")
    arrays = training_clips(workspace).arrays
    count = len(workspace.dataset.train)
    assert {name: array.shape for name, array in arrays.items()} == {
        "weight": (count,),
        "teacher": (count, 1, 10),
    }


def test_augmentations_are_those_of_the_recipe(changed_workspace: Callable[..., Workspace]) -> None:
    workspace = changed_workspace()
    (mixup,) = prepared_augmentation(workspace)
    assert mixup.name == "mixup"
