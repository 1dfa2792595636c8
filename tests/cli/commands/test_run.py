from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from dssd_tf.files import read_json
from dssd_tf.training import trainer


@pytest.mark.slow
def test_over_a_limit_is_exit_code_three_with_a_report_and_no_package(
    dssd: Callable, small_recipe: Path, synthetic_set: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = dssd(
        *("run", small_recipe, "--data", synthetic_set, "--out", out),
        *("--set", "model.options.width=5000"),
    )
    assert result.code == 3, result.err
    assert "OVER" in result.err
    assert "none: the model is over a limit of 2022" in result.err
    assert (out / "report.html").is_file()
    assert not (out / "submission").exists()


@pytest.mark.slow
def test_interrupted_then_resumed(
    dssd: Callable,
    small_recipe: Path,
    synthetic_set: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "out"
    command = ("train", small_recipe, "--data", synthetic_set, "--out", out)
    settings = ("--set", "training.epochs=2")

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "write_history", interrupted)
        result = dssd(*command, *settings)
    assert result.code == 130
    assert f"interrupted; go on with it by `dssd run {out}`" in result.line
    assert list(read_json(out / "stages.json")) == ["features"]

    result = dssd(*command, *settings)
    assert result.code == 2
    assert "--resume" in result.line

    result = dssd(*command, "--resume")
    assert result.code == 2
    assert "training.epochs is 2 there and 1 here" in result.line

    result = dssd("evaluate", out)
    assert result.code == 2
    assert f"go on with it by `dssd run {out}`" in result.line

    result = dssd("train", out)
    assert result.code == 0
    assert "going on after epoch 1 of 2" in result.err
    assert list(pd.read_csv(out / "history.csv")["epoch"]) == [1, 2]
    assert (out / "model.keras").is_file()


def test_resume_and_overwrite_exclude_each_other(dssd: Callable) -> None:
    result = dssd("run", "r.yaml", "--resume", "--overwrite")
    assert result.code == 2
    assert "not allowed with" in result.err


def test_a_finished_run_names_its_results(dssd: Callable, finished_run: Path) -> None:
    recipe = finished_run / "recipe.yaml"
    result = dssd("run", recipe, "--out", finished_run, "--resume")
    assert result.code == 0
    for name in ("report.html", "model_int8.tflite", "Doe_EXAMPLE_task1_1.zip"):
        assert name in result.err


@pytest.mark.parametrize("option", [["--overwrite"], ["--out", "elsewhere"]])
def test_a_run_is_gone_on_with_where_it_is(
    dssd: Callable, finished_run: Path, option: list[str]
) -> None:
    result = dssd("run", finished_run, *option)
    assert result.code == 2
    assert f"{option[0]} does not fit" in result.line
    assert (finished_run / "model.keras").is_file()


def test_a_folder_without_a_run_cannot_be_gone_on_with(dssd: Callable, tmp_path: Path) -> None:
    result = dssd("run", tmp_path)
    assert result.code == 2
    assert "is not a run's folder (no recipe.yaml)" in result.line


def test_a_finished_run_has_nothing_left_to_do(dssd: Callable, finished_run: Path) -> None:
    before = read_json(finished_run / "stages.json")
    result = dssd("run", finished_run)
    assert result.code in (0, 3), result.err
    assert read_json(finished_run / "stages.json") == before
