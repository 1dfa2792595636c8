"""`quantize`, `evaluate`, `complexity`, `predict`: on a run and on a model file."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from dssd_tf.files import read_json


@pytest.mark.slow
def test_quantizing_a_run_again(dssd: Callable, copied_run: Path, finished_run: Path) -> None:
    cache = finished_run.parent / "feature_cache"
    shutil.copytree(cache, copied_run.parent / "feature_cache")
    (copied_run / "model_int8.tflite").unlink()
    result = dssd("quantize", copied_run)
    assert result.code == 0
    assert (copied_run / "model_int8.tflite").is_file()


@pytest.mark.parametrize("command", ["quantize", "evaluate"])
@pytest.mark.parametrize("option", ["--recipe", "--data", "--set", "--output"])
def test_options_of_a_model_file_are_not_ignored_for_a_run(
    dssd: Callable, finished_run: Path, command: str, option: str
) -> None:
    result = dssd(command, finished_run, option, "seed=1")
    assert result.code == 2
    assert f"{option} is for a model file" in result.line
    assert str(finished_run) in result.line


@pytest.mark.parametrize("command", ["quantize", "evaluate", "complexity", "predict", "report"])
def test_a_folder_that_is_no_run(dssd: Callable, tmp_path: Path, command: str) -> None:
    files = ["x.wav"] if command == "predict" else []
    result = dssd(command, tmp_path, *files)
    assert result.code == 2
    assert f"{tmp_path}: is not a run's folder" in result.line


def test_a_model_file_needs_its_recipe(dssd: Callable, finished_run: Path) -> None:
    result = dssd("evaluate", finished_run / "model.keras")
    assert result.code == 2
    assert "--recipe" in result.line


@pytest.mark.parametrize("command", ["quantize", "evaluate", "complexity"])
def test_a_missing_or_damaged_model(dssd: Callable, tmp_path: Path, command: str) -> None:
    result = dssd(command, tmp_path / "none.keras")
    assert result.code == 2
    assert f"{tmp_path / 'none.keras'}: no such" in result.line
    (tmp_path / "bad.keras").write_bytes(b"not a model")
    result = dssd(command, tmp_path / "bad.keras")
    assert result.code == 2
    assert str(tmp_path / "bad.keras") in result.line


def test_a_model_file_is_evaluated_like_its_run(
    dssd: Callable, finished_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "metrics.json"
    result = dssd(
        *("evaluate", finished_run / "model_int8.tflite"),
        *("--recipe", finished_run / "recipe.yaml", "--output", target),
    )
    assert result.code == 0
    assert "macro accuracy" in result.err
    whole = read_json(finished_run / "metrics.json")
    assert read_json(target)["systems"] == {"int8": whole["systems"]["int8"]}


def test_complexity_within_the_limits_is_exit_code_zero(dssd: Callable, finished_run: Path) -> None:
    result = dssd("complexity", finished_run)
    assert result.code == 0
    assert "2022 macs:" in result.out
    assert "within 30,000,000" in result.out
    counted = json.loads(dssd("complexity", finished_run, "--json").out)
    assert counted == read_json(finished_run / "complexity.json")


@pytest.mark.parametrize("options", [(), ("--edition", "2024"), ("--json",)])
def test_complexity_of_a_run_fills_the_hole_in_its_folder(
    dssd: Callable, copied_run: Path, options: tuple[str, ...]
) -> None:
    target = copied_run / "complexity.json"
    before = read_json(target)
    target.unlink()
    result = dssd("complexity", copied_run, *options)
    assert result.code == 0
    assert result.err.splitlines()[-1] == f"kept in {target}"
    after = read_json(target)
    for system in ("float", "int8"):
        del before[system]["source"], after[system]["source"]
    # Whatever edition is printed: the file is held against the recipe's.
    assert after == before


def test_an_ensemble_or_another_input_is_not_kept(dssd: Callable, copied_run: Path) -> None:
    (copied_run / "complexity.json").unlink()
    assert dssd("complexity", copied_run, copied_run, "--report-only").code == 0
    assert not (copied_run / "complexity.json").exists()
    assert dssd("complexity", copied_run, copied_run, "--each").code == 0
    assert (copied_run / "complexity.json").exists()


def test_complexity_over_a_limit_is_exit_code_three(dssd: Callable, tmp_path: Path) -> None:
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1000)(x))
    model.save(tmp_path / "large.keras")
    result = dssd("complexity", tmp_path / "large.keras", "--edition", "2024")
    assert result.code == 3
    assert "2024 size: 260,000 OVER 128,000 bytes" in result.out
    assert dssd("complexity", tmp_path / "large.keras").code == 0


def test_complexity_of_an_unknown_edition(dssd: Callable, finished_run: Path) -> None:
    result = dssd("complexity", finished_run / "model_int8.tflite", "--edition", "1999")
    assert result.code == 2
    assert "unknown edition 1999" in result.line
    assert "2022" in result.line


def test_predict_prints_a_line_a_file(
    dssd: Callable, finished_run: Path, synthetic_set: Path
) -> None:
    files = sorted((synthetic_set / "audio").glob("*.wav"))[:2]
    result = dssd("predict", finished_run, *files)
    assert result.code == 0
    rows = [line.split("\t") for line in result.out.splitlines()]
    assert [row[0] for row in rows] == [str(file) for file in files]
    assert all(0 < float(row[2]) <= 1 for row in rows)


def test_predict_refuses_what_is_no_audio(
    dssd: Callable, finished_run: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.wav").write_text("not audio")
    result = dssd("predict", finished_run, tmp_path / "notes.wav")
    assert result.code == 2
    assert f"{tmp_path / 'notes.wav'}: cannot be read as audio" in result.line
    assert result.out == ""
