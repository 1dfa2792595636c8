import datetime
from pathlib import Path

import pytest

from dssd_tf.errors import RunError
from dssd_tf.files import write_json
from dssd_tf.pipeline import RunFolder
from dssd_tf.recipe import Recipe, dump_recipe


def test_a_folder_without_a_recipe_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no recipe\.yaml") as caught:
        RunFolder.existing(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: ")
    assert "dssd run" in str(caught.value)


def test_the_recipe_is_read_back(tmp_path: Path) -> None:
    recipe = Recipe(name="x", seed=5)
    (tmp_path / "recipe.yaml").write_text(dump_recipe(recipe), encoding="utf-8")
    assert RunFolder.existing(str(tmp_path)).recipe() == recipe


def test_a_fresh_folder_has_no_finished_stages(tmp_path: Path) -> None:
    assert RunFolder(tmp_path / "none").finished() == {}


def test_marking_a_stage_keeps_the_others(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.mark_finished("features", 1.234)
    run.mark_finished("train", 2)
    run.mark_finished("features", 3)
    finished = run.finished()
    assert list(finished) == ["features", "train"]
    assert finished["features"]["seconds"] == 3
    moment = datetime.datetime.fromisoformat(finished["train"]["finished"])
    age = datetime.datetime.now(datetime.UTC) - moment
    assert datetime.timedelta(0) <= age < datetime.timedelta(minutes=5)


def test_a_missing_file_names_the_command_that_makes_it(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    with pytest.raises(RunError) as caught:
        run.require(run.float_model, "train")
    assert str(run.float_model) in str(caught.value)
    assert f"go on with it by `dssd run {tmp_path}`" in str(caught.value)
    with pytest.raises(RunError, match="go on with it by `dssd run"):
        run.require(run.int8_model, "quantize")
    run.float_model.write_bytes(b"")
    assert run.require(run.float_model, "train") == run.float_model
    with pytest.raises(RunError, match=rf"run `dssd quantize {tmp_path}` first"):
        run.require(run.int8_model, "quantize")


def _done(run: RunFolder, **times: str) -> None:
    stages = {
        name: {"seconds": 1.0, "finished": f"2026-01-01T{time}:00+00:00"}
        for name, time in times.items()
    }
    write_json(run.path / "stages.json", stages)


def test_figures_of_an_older_model_are_refused_with_the_command(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.metrics.write_text("{}")
    _done(run, train="10:00", quantize="11:00", evaluate="12:00")
    assert run.require(run.metrics, "evaluate") == run.metrics
    _done(run, train="10:00", quantize="12:01", evaluate="12:00")
    told = r"metrics\.json: is older than the model: quantize was done again .*dssd evaluate"
    with pytest.raises(RunError, match=told):
        run.require(run.metrics, "evaluate")


def test_files_of_a_folder_without_times_are_taken_as_they_are(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.metrics.write_text("{}")
    assert run.require(run.metrics, "evaluate") == run.metrics
