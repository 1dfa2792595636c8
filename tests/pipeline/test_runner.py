import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dssd_tf.challenge import validate
from dssd_tf.errors import DataError, RunError
from dssd_tf.files import read_json, write_json
from dssd_tf.pipeline import STAGES, RunFolder, run_recipe
from dssd_tf.pipeline.packaging import data_of
from dssd_tf.recipe import Recipe, load_recipe
from dssd_tf.report.schema import Complexity, Environment, Metrics


def _times(folder: Path) -> dict[str, int]:
    files = (p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): p.stat().st_mtime_ns for p in files}


def _recipe(finished_run: Path, **changes: Any) -> Recipe:
    """The finished run's recipe before its classes were written into it, changed."""
    recipe = RunFolder(finished_run).recipe()
    data = recipe.data.model_copy(update={"classes": None})
    return recipe.model_copy(update={"data": data, **changes})


def test_every_file_of_the_run_is_there(finished_run: Path) -> None:
    names = {p.name for p in finished_run.iterdir()}
    assert names == {
        "quantization.json",
        "recipe.yaml",
        "environment.json",
        "stages.json",
        "training",
        "history.csv",
        "model.keras",
        "model_int8.tflite",
        "parity.json",
        "predictions.csv",
        "predictions_evaluation.csv",
        "evaluation_set.json",
        "metrics.json",
        "mistakes",
        "complexity.json",
        "submission",
        "report.html",
    }
    assert [p.name for p in (finished_run / "training").iterdir()] == ["epoch-00002"]
    assert list(read_json(finished_run / "stages.json")) == [stage.name for stage in STAGES]


def test_the_tables_hold_what_the_recipe_asks_for(finished_run: Path) -> None:
    history = pd.read_csv(finished_run / "history.csv")
    assert list(history["epoch"]) == [1, 2]
    assert {"learning_rate", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"} <= set(
        history.columns
    )
    recipe = RunFolder(finished_run).recipe()
    assert recipe.data.classes is not None
    classes = list(recipe.data.classes)
    for name, systems in (
        ("predictions.csv", {"float": 20, "int8": 20}),
        ("predictions_evaluation.csv", {"int8": 10}),
    ):
        table = pd.read_csv(finished_run / name)
        assert table["system"].value_counts().to_dict() == systems
        assert (table[classes].sum(axis=1) - 1).abs().max() < 1e-6
        assert list(table["predicted"]) == list(table[classes].idxmax(axis=1))


def test_the_json_files_follow_their_schemas(finished_run: Path) -> None:
    metrics = Metrics.model_validate(read_json(finished_run / "metrics.json"))
    assert list(metrics.by_name()) == ["float", "int8"]
    assert metrics.agreement is not None
    assert metrics.systems.float_.samples == 20
    complexity = Complexity.model_validate(read_json(finished_run / "complexity.json"))
    assert complexity.passed is True
    assert complexity.edition == 2022
    assert {check.name for check in complexity.checks} >= {"size", "macs"}
    environment = Environment.model_validate(read_json(finished_run / "environment.json"))
    assert environment.packages["keras"]


def test_the_package_is_valid_and_the_report_names_the_run(finished_run: Path) -> None:
    (package,) = (finished_run / "submission").iterdir()
    assert package.name == "Doe_EXAMPLE_task1_1.zip"
    classes, files = data_of(RunFolder(finished_run))
    assert validate(package, 2022, classes=classes, files=files) == []
    page = (finished_run / "report.html").read_text(encoding="utf-8")
    assert "fast" in page
    assert "synthetic" in page.lower()


def test_resuming_a_finished_run_changes_no_file(finished_run: Path) -> None:
    before = _times(finished_run.parent)
    run_recipe(_recipe(finished_run), finished_run, resume=True)
    assert _times(finished_run.parent) == before


@pytest.mark.slow
def test_resuming_does_again_what_follows_a_stage_that_was_done_again(copied_run: Path) -> None:
    stages = read_json(copied_run / "stages.json")
    for name, stage in stages.items():
        stage["finished"] = f"2026-01-01T{'12' if name == 'evaluate' else '10'}:00:00+00:00"
    write_json(copied_run / "stages.json", stages)
    run_recipe(_recipe(copied_run), copied_run, resume=True)
    after = read_json(copied_run / "stages.json")
    again = [name for name in after if after[name]["finished"] != stages[name]["finished"]]
    assert again == ["complexity", "package", "report"]


def test_resuming_does_only_the_missing_stage(copied_run: Path) -> None:
    stages = read_json(copied_run / "stages.json")
    del stages["report"]
    write_json(copied_run / "stages.json", stages)
    before = _times(copied_run)
    run_recipe(_recipe(copied_run), copied_run, resume=True)
    after = _times(copied_run)
    assert {k for k in after if after[k] != before[k]} == {"report.html", "stages.json"}


def test_a_stage_whose_file_was_lost_is_done_again(copied_run: Path) -> None:
    (copied_run / "model.keras").unlink()
    (copied_run / "report.html").unlink()
    run_recipe(_recipe(copied_run), copied_run, ["train", "report"], resume=True)
    assert (copied_run / "model.keras").is_file()
    assert (copied_run / "report.html").is_file()


def test_another_recipe_is_refused_by_name_of_the_key(finished_run: Path) -> None:
    before = _times(finished_run)
    with pytest.raises(RunError, match=r"seed is 0 there and 1 here\)") as caught:
        run_recipe(_recipe(finished_run, seed=1), finished_run, resume=True)
    assert str(caught.value).startswith(f"{finished_run}: ")
    assert f"`dssd run {finished_run}`" in str(caught.value)
    assert "--overwrite" in str(caught.value)
    assert _times(finished_run) == before


def test_a_run_is_not_started_over_without_a_word(finished_run: Path) -> None:
    before = _times(finished_run)
    with pytest.raises(RunError, match="holds a run already") as caught:
        run_recipe(_recipe(finished_run), finished_run)
    assert "--resume" in str(caught.value)
    assert _times(finished_run) == before


def test_overwrite_starts_again(copied_run: Path, finished_run: Path) -> None:
    run = run_recipe(_recipe(finished_run, seed=1), copied_run, names=[], overwrite=True)
    assert run.recipe().seed == 1
    assert sorted(p.name for p in copied_run.iterdir()) == ["environment.json", "recipe.yaml"]


@pytest.mark.parametrize("flags", [{}, {"resume": True}, {"overwrite": True}])
def test_a_folder_of_something_else_is_left_alone(
    finished_run: Path, tmp_path: Path, flags: dict[str, bool]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RunError, match="not empty and holds no run"):
        run_recipe(_recipe(finished_run), tmp_path, **flags)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_start_killed_before_its_recipe_was_written_can_be_repeated(
    finished_run: Path, tmp_path: Path
) -> None:
    shutil.copy(finished_run / "environment.json", tmp_path)
    run = run_recipe(_recipe(finished_run), tmp_path, names=[], resume=True)
    assert run.recipe_file.is_file()


def test_unusable_data_makes_no_folder(finished_run: Path, tmp_path: Path) -> None:
    recipe = _recipe(finished_run)
    data = recipe.data.model_copy(update={"root": tmp_path / "none"})
    with pytest.raises(DataError, match="no such data folder"):
        run_recipe(recipe.model_copy(update={"data": data}), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_runs_recipe_gives_the_same_run_again(
    finished_run: Path, write_recipe: Callable[..., Path], synthetic_set: Path
) -> None:
    given = load_recipe(write_recipe(), [f"data.root={synthetic_set}"])
    kept = load_recipe(finished_run / "recipe.yaml")
    assert kept.data.classes is not None
    data = given.data.model_copy(update={"classes": kept.data.classes})
    assert kept == given.model_copy(update={"data": data})
