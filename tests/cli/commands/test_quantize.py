import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.files import read_json


@pytest.fixture
def run(copied_run: Path, finished_run: Path) -> Path:
    """A copy of the finished run with the cache where a run's commands look for it."""
    shutil.copytree(finished_run.parent / "feature_cache", copied_run.parent / "feature_cache")
    return copied_run


@pytest.mark.slow
def test_a_run_is_fine_tuned_on_request(dssd: Callable, run: Path) -> None:
    (run / "model_int8.tflite").unlink()
    result = dssd(
        *("quantize", run, "--method", "qat"), "--set", "quantization.fine_tuning.epochs=1"
    )
    assert result.code == 0
    assert "epoch 1/1" in result.err
    assert (run / "model_int8.tflite").is_file()
    assert read_json(run / "quantization.json")["method"] == "qat"
    assert "method: ptq" in (run / "recipe.yaml").read_text(), "the run's recipe stays"


def test_a_runs_other_settings_are_its_own(dssd: Callable, run: Path) -> None:
    result = dssd("quantize", run, "--set", "quantization.method=ptq", "--set", "seed=1")
    assert result.code == 2
    assert "--set is for a model file" in result.line


@pytest.mark.slow
def test_a_model_file_is_quantized_beside_itself(
    dssd: Callable, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run.parent)
    model = shutil.copy(run / "model.keras", tmp_path / "mine.keras")
    recipe = ("--recipe", run / "recipe.yaml")
    result = dssd("quantize", model, *recipe, "--method", "float16")
    assert result.code == 0
    assert (tmp_path / "mine_float16.tflite").is_file()
    assert "mine_float16.tflite" in result.err
    result = dssd("quantize", model, *recipe, "--set", "quantization.method=none")
    assert result.code == 2
    assert "quantization.method is none — give --method" in result.line


def test_an_unknown_method_lists_the_known_ones(dssd: Callable, run: Path) -> None:
    result = dssd("quantize", run, "--method", "int4")
    assert result.code == 2
    assert "float16" in result.err and "qat" in result.err
