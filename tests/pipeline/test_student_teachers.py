import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dssd_tf.errors import DataError, ModelError, RecipeError, RunError
from dssd_tf.models import load_model
from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.pipeline.run_preset import preset_from_run
from dssd_tf.pipeline.student_teachers import load_teachers
from dssd_tf.pipeline.teacher_source import open_teacher
from dssd_tf.pipeline.teaching import teach
from dssd_tf.recipe import Recipe
from dssd_tf.teachers import TeacherBank

Student = Callable[..., Workspace]


@pytest.fixture
def student(finished_run: Path) -> Student:
    """A workspace of the finished run's recipe with distillation; other sections may change."""

    def make(distillation: dict[str, Any], **sections: dict[str, Any]) -> Workspace:
        values = RunFolder(finished_run).recipe().model_dump()
        values["distillation"] = distillation
        for name, section in sections.items():
            values[name] |= section
        return Workspace(Recipe.model_validate(values), finished_run.parent / "feature_cache")

    return make


@pytest.fixture
def copied_lists(synthetic_set: Path, tmp_path: Path) -> Path:
    """The synthetic set with the lists of training and test exchanged; the audio is linked."""
    root = tmp_path / "exchanged"
    setup = root / "evaluation_setup"
    setup.mkdir(parents=True)
    (root / "audio").symlink_to(synthetic_set / "audio")
    shutil.copy(synthetic_set / "meta.csv", root)
    lists = synthetic_set / "evaluation_setup"
    shutil.copy(lists / "fold1_train.csv", setup / "fold1_evaluate.csv")
    shutil.copy(lists / "fold1_evaluate.csv", setup / "fold1_train.csv")
    return root


@pytest.fixture(scope="module")
def bank(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank with the finished run twice."""
    folder = tmp_path_factory.mktemp("bank") / "bank"
    for name in ("one", "two"):
        teach(open_teacher(finished_run), folder, name)
    return folder


def test_live_teachers_are_the_runs_networks(student: Student, finished_run: Path) -> None:
    workspace = student({"teachers": [finished_run, finished_run]})
    models = load_teachers(workspace.live_teachers, workspace.dataset.classes)
    assert [model.name for model in models] == ["teacher_0", "teacher_1"]
    own = load_model(RunFolder(finished_run).float_model)
    for mine, theirs in zip(models[0].get_weights(), own.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_presets_and_files_teach_with_a_warning(
    student: Student, finished_run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(finished_run)
    preset_from_run(run, tmp_path / "preset")
    workspace = student({"teachers": [tmp_path / "preset", run.float_model]})
    assert len(workspace.live_teachers) == 2
    err = capfd.readouterr().err
    assert err.count("whether it was trained on recordings of the test is not known") == 2
    assert len(load_teachers(workspace.live_teachers, workspace.dataset.classes)) == 2
    assert "not known" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("sections", "error", "reason"),
    [
        ({"features": {"n_mels": 40}}, RecipeError, r"features\.n_mels.*dssd teach"),
        ({"data": {"clip_seconds": 0.5}}, RecipeError, r"clips of 1 s, the student of 0\.5 s"),
    ],
)
def test_a_teacher_of_other_clips_is_refused(
    student: Student, finished_run: Path, sections: dict, error: type, reason: str
) -> None:
    with pytest.raises(error, match=reason):
        _ = student({"teachers": [finished_run]}, **sections).live_teachers


def test_a_teacher_of_other_classes_is_refused(student: Student, run: RunFolder) -> None:
    text = run.recipe_file.read_text(encoding="utf-8")
    assert "  - airport\n" in text
    run.recipe_file.write_text(text.replace("  - airport\n", "  - harbour\n"), encoding="utf-8")
    with pytest.raises(DataError, match="classes are harbour"):
        _ = student({"teachers": [run.path]}).live_teachers


def test_a_teacher_that_saw_the_test_is_refused(
    student: Student, run: RunFolder, synthetic_set: Path, copied_lists: Path
) -> None:
    """The run's fold is exchanged: its training list is the student's test list."""
    text = run.recipe_file.read_text(encoding="utf-8")
    run.recipe_file.write_text(
        text.replace(str(synthetic_set), str(copied_lists)), encoding="utf-8"
    )
    with pytest.raises(DataError, match="on which the student is tested"):
        _ = student({"teachers": [run.path]}).live_teachers


def test_a_teacher_whose_data_is_gone_is_told(
    student: Student, run: RunFolder, synthetic_set: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = run.recipe_file.read_text(encoding="utf-8")
    run.recipe_file.write_text(text.replace(str(synthetic_set), "/no/such/set"), encoding="utf-8")
    assert len(student({"teachers": [run.path]}).live_teachers) == 1
    assert "/no/such/set is gone" in capfd.readouterr().err


def test_what_is_no_teacher(student: Student, run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no recipe\.yaml"):
        _ = student({"teachers": [tmp_path / "none"]}).live_teachers
    run.float_model.unlink()
    with pytest.raises(RunError, match="dssd train"):
        _ = student({"teachers": [run.path]}).live_teachers
    (tmp_path / "x.keras").write_bytes(b"no model")
    workspace = student({"teachers": [tmp_path / "x.keras"]})
    with pytest.raises(ModelError, match=r"x\.keras"):
        load_teachers(workspace.live_teachers, workspace.dataset.classes)


def test_stored_logits_are_in_the_order_of_the_training_clips(student: Student, bank: Path) -> None:
    workspace = student({"bank": bank, "bank_teachers": ["two"], "teacher_weights": [2]})
    names = list(workspace.dataset.train["filename"])
    expected = TeacherBank.open(bank).stacked(names, ["two"])
    assert workspace.stored_logits is not None
    np.testing.assert_array_equal(workspace.stored_logits, expected)
    assert student({"bank": bank}).stored_logits.shape[1] == 2


def test_without_a_bank_there_are_none(student: Student, finished_run: Path) -> None:
    assert student({"teachers": [finished_run]}).stored_logits is None
    assert student({"bank": "x", "weight": 0, "coarse": {}}).stored_logits is None


@pytest.mark.parametrize(
    ("distillation", "error", "reason"),
    [
        ({"bank_teachers": ["three"]}, DataError, "three"),
        ({"teacher_weights": [1, 2, 3]}, RecipeError, "3 .*teacher_weights are given for 2"),
    ],
)
def test_a_bank_that_does_not_fit(
    student: Student, bank: Path, distillation: dict, error: type, reason: str
) -> None:
    with pytest.raises(error, match=reason):
        _ = student({"bank": bank, **distillation}).stored_logits


def test_no_bank_there(student: Student, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none"):
        _ = student({"bank": tmp_path / "none"}).stored_logits
