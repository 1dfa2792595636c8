import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest


@pytest.fixture
def run_dirs(tmp_path: Path) -> list[Path]:
    """Two trained runs, as far as the tool looks."""
    folders = [tmp_path / "exp" / name for name in ("fold1", "fold2")]
    for folder in folders:
        folder.mkdir(parents=True)
        for name in ("recipe.yaml", "environment.json", "stages.json", "history.csv"):
            (folder / name).write_text("{}")
        (folder / "model.keras").write_bytes(b"weights")
    return folders


@pytest.fixture
def tool(load_tool: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The tool; its commands are noted instead of run, and evaluation leaves scores."""
    module = load_tool("quantization_experiment")
    module.given = []

    def dssd(*arguments: Any) -> None:
        module.given.append([str(argument) for argument in arguments])
        if arguments[0] == "evaluate":
            copy = Path(arguments[1])
            score = 0.71 if copy.parent.name == "qat" else 0.68
            systems = {
                "float": {"macro_accuracy": 0.7, "log_loss": 1.0},
                "int8": {"macro_accuracy": score, "log_loss": 1.1},
            }
            pairs = [{"reference": "float", "other": "int8", "argmax": 0.97}]
            if copy.parent.name == "qat":
                pairs.append({"reference": "fake_quant", "other": "int8", "argmax": 0.999})
            (copy / "metrics.json").write_text(json.dumps({"systems": systems}))
            (copy / "parity.json").write_text(json.dumps({"pairs": pairs}))
            (copy / "model_int8.tflite").write_bytes(b"1234")

    monkeypatch.setattr(module, "_dssd", dssd)
    return module


def _arguments(run_dirs: list[Path], tmp_path: Path) -> list[str]:
    return [*map(str, run_dirs), "--out", str(tmp_path / "out"), "--csv", str(tmp_path / "r.csv")]


def test_float_is_counted_once_and_each_method_a_run(
    tool: Any, run_dirs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for run in run_dirs for path in run.iterdir()}
    assert tool.main(_arguments(run_dirs, tmp_path)) == 0
    rows = pd.read_csv(tmp_path / "r.csv")
    assert list(rows["form"]) == ["float", "ptq", "qat"] * 2
    assert set(rows["run"]) == {"exp/fold1", "exp/fold2"}
    out = capsys.readouterr().out
    assert "| ptq | 0.680 ± 0.000 | -2.00 | 1.100 ± 0.000 | 97.0 % (least 97.0) |  | 4 | 2 |" in out
    assert "| +1.00 |" in out and "| 99.9 % (least 99.9) |" in out
    assert {path: path.read_bytes() for run in run_dirs for path in run.iterdir()} == before


def test_what_is_finished_is_not_run_again(tool: Any, run_dirs: list[Path], tmp_path: Path) -> None:
    settings = ["--methods", "qat", "--set", "quantization.fine_tuning.epochs=2"]
    assert tool.main([*_arguments(run_dirs, tmp_path), *settings]) == 0
    assert [command[0] for command in tool.given] == ["quantize", "evaluate"] * 2
    assert tool.given[0][-2:] == ["--set", "quantization.fine_tuning.epochs=2"]
    tool.given.clear()
    assert tool.main([*_arguments(run_dirs, tmp_path), *settings]) == 0
    assert tool.given == []


def test_a_folder_that_is_no_trained_run_is_named(
    tool: Any, run_dirs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run_dirs[1] / "model.keras").unlink()
    assert tool.main(_arguments(run_dirs, tmp_path)) == 2
    assert f"{run_dirs[1]}: has no model.keras" in capsys.readouterr().out
    assert tool.given == [] and not (tmp_path / "r.csv").exists()
