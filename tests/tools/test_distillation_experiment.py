import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest


@pytest.fixture
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool("distillation_experiment")


@pytest.fixture
def commands(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that are given, instead of running them; evaluation leaves scores."""
    given: list[list[str]] = []

    def dssd(*arguments: Any) -> None:
        given.append([str(argument) for argument in arguments])
        if arguments[0] == "evaluate":
            run = Path(arguments[1])
            run.mkdir(parents=True)
            score = 0.7 if "alone" in run.name else 0.8
            systems = {"float": {"macro_accuracy": score, "log_loss": 1 - score}}
            (run / "metrics.json").write_text(json.dumps({"systems": systems}))
            (run / "stages.json").write_text(json.dumps({"train": {"seconds": 1.5}}))

    monkeypatch.setattr(tool, "_dssd", dssd)
    return given


def test_each_condition_is_trained_once(
    tool: ModuleType,
    commands: list[list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["r.yaml", "--data", "d", "--out", str(tmp_path / "out"), "--folds", "1", "2"]
    arguments += ["--csv", str(tmp_path / "r.csv"), "--seeds", "3", "--teachers", "big", "wide"]
    assert tool.main(arguments) == 0
    trained = [command for command in commands if command[0] == "train"]
    assert len(trained) == 2 * (2 + 4)
    assert sum(command[0] == "teach" for command in commands) == 2
    settings = {Path(c[c.index("--out") + 1]).name: " ".join(c) for c in trained}
    assert "distillation=null" in settings["student_alone"]
    assert settings["student_one_teacher"].count("fold2_seed3/big") == 1
    assert "fold2_seed3/wide" not in settings["student_one_teacher"]
    assert "fold2_seed3/wide" in settings["student_ensemble"]
    assert "bank: " in settings["student_stored_logits"]
    table = pd.read_csv(tmp_path / "r.csv")
    assert len(table) == 12 and set(table["seed"]) == {3}
    out = capsys.readouterr().out
    assert "| dsmn_s | alone | 0.700 ± 0.000 | 0.300 ± 0.000 | 2 |" in out
    assert "| dsmn_s | ensemble | 0.800 ± 0.000" in out
    commands.clear()
    assert tool.main(arguments) == 0
    assert {command[0] for command in commands} == {"teach"}


def test_one_set_of_teachers_may_teach_all_seeds(
    tool: ModuleType, commands: list[list[str]], tmp_path: Path
) -> None:
    arguments = ["r.yaml", "--data", "d", "--out", str(tmp_path / "out"), "--folds", "1"]
    arguments += ["--csv", str(tmp_path / "r.csv"), "--teachers", "big", "--teacher-seed", "0"]
    assert tool.main([*arguments, "--seeds", "0", "1"]) == 0
    trained = [c[c.index("--out") + 1] for c in commands if c[0] == "train"]
    assert len(trained) == 1 + 2 * 4
    second = [" ".join(c) for c in commands if c[0] == "train" and "fold1_seed1" in c[-2]]
    assert len(second) == 4 and all("seed=1" in c for c in second)
    assert sum("fold1_seed0/big" in c for c in second) == 2
