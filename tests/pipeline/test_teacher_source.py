from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.errors import RecipeError, RunError
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.run_preset import preset_from_run
from dssd_tf.pipeline.teacher_source import open_teacher


@pytest.fixture
def finished(finished_run: Path) -> RunFolder:
    return RunFolder(finished_run)


def test_a_run_teaches_on_its_own_fold(finished: RunFolder, synthetic_set: Path) -> None:
    teacher = open_teacher(finished.path)
    recipe = finished.recipe()
    assert teacher.model == finished.float_model
    assert teacher.clips == teacher.trained_on
    assert teacher.clips.root == synthetic_set
    assert teacher.features == recipe.features
    assert str(finished.path) not in teacher.source
    assert open_teacher(finished.path, int8=True).model == finished.int8_model


def test_a_run_teaches_on_a_students_fold_but_was_trained_on_its_own(
    finished: RunFolder, synthetic_set: Path
) -> None:
    own = finished.recipe()
    student = own.model_copy(update={"data": own.data.model_copy(update={"fold": 2})})
    teacher = open_teacher(finished.path, recipe=student, data=synthetic_set)
    assert teacher.trained_on is not None
    assert (teacher.clips.fold, teacher.trained_on.fold) == (2, 1)


def test_a_run_without_its_model_names_the_command(run: RunFolder) -> None:
    run.float_model.unlink()
    with pytest.raises(RunError, match="dssd train"):
        open_teacher(run.path)


def test_a_preset_needs_data_and_its_origin_is_known_by_a_fold(
    finished: RunFolder, synthetic_set: Path, tmp_path: Path
) -> None:
    config = preset_from_run(finished, tmp_path / "preset")
    with pytest.raises(RecipeError, match="--data DIR"):
        open_teacher(tmp_path / "preset")
    teacher = open_teacher(tmp_path / "preset", data=synthetic_set)
    assert (teacher.trained_on, teacher.classes) == (None, config.classes)
    assert teacher.clips.clip_seconds == config.clip_seconds
    known = open_teacher(tmp_path / "preset", data=synthetic_set, fold=2)
    assert known.trained_on is not None
    assert known.trained_on.fold == known.clips.fold == 2
    with pytest.raises(RecipeError, match="fold"):
        open_teacher(tmp_path / "preset", data=synthetic_set, fold=0)


def test_a_model_file_needs_its_recipe(finished: RunFolder) -> None:
    with pytest.raises(RecipeError, match="--recipe"):
        open_teacher(finished.float_model)
    teacher = open_teacher(finished.float_model, recipe=finished.recipe())
    assert teacher.kind == "model"
    assert teacher.trained_on == teacher.clips


def test_a_fold_is_for_presets(finished: RunFolder) -> None:
    with pytest.raises(RecipeError, match="preset was trained on"):
        open_teacher(finished.path, fold=1)


def test_a_folder_of_neither_is_refused(tmp_path: Path, copies: Callable) -> None:
    with pytest.raises(RunError, match=r"no recipe\.yaml"):
        open_teacher(tmp_path)
