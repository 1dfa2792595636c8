"""`dssd export mcu`: on a run, on a model file, and what it refuses."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.files import read_json


def test_a_runs_bundle(
    dssd: Callable, finished_run: Path, synthetic_set: Path, tmp_path: Path
) -> None:
    recording = next(iter(sorted((synthetic_set / "audio").glob("*.wav"))))
    result = dssd("export", "mcu", finished_run, "--out", tmp_path / "mcu", "--audio", recording)
    assert result.code == 0
    assert f"{tmp_path / 'mcu'}: " in result.err
    assert "1 golden vectors" in result.err
    bundle = read_json(tmp_path / "mcu" / "bundle.json")
    assert len(bundle["classes"]) == 10
    assert bundle["golden"]["inputs"] == "features of recordings"
    measured = bundle["arena_measured"] is not None
    assert ("install the extra `mcu`" in result.err) is not measured
    assert (tmp_path / "mcu" / "front_end.cc").is_file()
    again = dssd("export", "mcu", finished_run, "--out", tmp_path / "mcu")
    assert again.code == 2
    assert "--overwrite" in again.line


def test_a_lone_file_has_no_front_end_unless_its_recipe_is_given(
    dssd: Callable, finished_run: Path, tmp_path: Path
) -> None:
    model = tmp_path / "lone.tflite"
    model.write_bytes((finished_run / "model_int8.tflite").read_bytes())
    result = dssd("export", "mcu", model, "--out", tmp_path / "a", "--vectors", 1)
    assert result.code == 0
    assert "without a front end" in result.err
    recipe = finished_run / "recipe.yaml"
    result = dssd("export", "mcu", model, "--out", tmp_path / "b", "--recipe", recipe)
    assert result.code == 0
    assert read_json(tmp_path / "b" / "bundle.json")["front_end"]["sources"] is True


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_a_wrong_number_of_vectors(dssd: Callable, tmp_path: Path, number: str) -> None:
    result = dssd("export", "mcu", tmp_path, "--out", tmp_path / "mcu", f"--vectors={number}")
    assert result.code == 2
    assert "is not a whole number of 1 or more" in result.err


def test_options_of_a_model_file_are_not_ignored_for_a_run(
    dssd: Callable, finished_run: Path, tmp_path: Path
) -> None:
    recipe = finished_run / "recipe.yaml"
    result = dssd("export", "mcu", finished_run, "--out", tmp_path / "m", "--recipe", recipe)
    assert result.code == 2
    assert "leave --recipe out" in result.line
    result = dssd("export", "mcu", finished_run, "--out", tmp_path / "m", "--set", "seed=1")
    assert result.code == 2
    assert "--recipe" in result.line


def test_what_is_no_model(dssd: Callable, tmp_path: Path) -> None:
    (tmp_path / "bad.tflite").write_text("not a model")
    result = dssd("export", "mcu", tmp_path / "bad.tflite", "--out", tmp_path / "mcu")
    assert result.code == 2
    assert f"{tmp_path / 'bad.tflite'}: is not a TFLite model" in result.line
    result = dssd("export", "mcu", tmp_path, "--out", tmp_path / "mcu")
    assert result.code == 2
    assert "no preset.json" in result.line


def test_the_help_tells_what_is_written(dssd: Callable) -> None:
    shown = dssd("export", "mcu", "--help").out
    assert "RUN|PRESET|MODEL.tflite" in shown
    assert "golden" in shown
    assert "mcu" in dssd("export", "--help").out
