"""`dssd models save-preset`."""

from collections.abc import Callable
from pathlib import Path

from dssd_tf.files import read_json


def test_a_run_becomes_a_preset(dssd: Callable, finished_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "presets" / "fast"
    result = dssd("models", "save-preset", finished_run, out, "--licence", "MIT")
    assert result.code == 0
    assert f"{out}: dsmn_s, 10 classes" in result.err
    assert result.out == ""
    assert read_json(out / "preset.json")["licence"] == "MIT"
    assert sorted(path.name for path in out.iterdir()) == [
        "README.md",
        "model.keras",
        "model_int8.tflite",
        "preset.json",
    ]
    result = dssd("models", "save-preset", finished_run, out)
    assert result.code == 2
    assert f"{out}: holds a preset already" in result.line
    assert dssd("models", "save-preset", finished_run, out, "--overwrite").code == 0
    assert read_json(out / "preset.json")["licence"] is None


def test_what_is_no_preset_is_left_alone(
    dssd: Callable, finished_run: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    result = dssd("models", "save-preset", finished_run, tmp_path, "--overwrite")
    assert result.code == 2
    assert f"{tmp_path}: exists and is not a preset" in result.line
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_folder_that_is_no_run(dssd: Callable, tmp_path: Path) -> None:
    result = dssd("models", "save-preset", tmp_path, tmp_path / "preset")
    assert result.code == 2
    assert f"{tmp_path}: is not a run's folder" in result.line
    assert list(tmp_path.iterdir()) == []


def test_the_command_explains_itself(dssd: Callable) -> None:
    result = dssd("models", "save-preset", "--help")
    assert result.code == 0
    assert result.out.startswith("usage: dssd models save-preset")
    assert "--overwrite" in result.out
