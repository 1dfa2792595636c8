from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture
def recipe(write_recipe: Callable[..., Path]) -> Path:
    return write_recipe(
        model={"name": "dsmn_s", "options": {"pattern": "SF", "widths": [8, 8]}},
        training={"epochs": 1, "form": "convolution", "jit_compile": None},
        quantization={"method": "none"},
        challenge={"edition": None, "entry": None},
    )


@pytest.mark.slow
def test_a_sweep_and_its_table(
    dssd: Callable, recipe: Path, synthetic_set: Path, tmp_path: Path
) -> None:
    result = dssd(
        *("sweep", recipe, "--data", synthetic_set, "--grid", "training.batch_size=8"),
        *("--seeds", 2, "--out", tmp_path / "sweep"),
    )
    assert result.code == 0, result.err
    log = tmp_path / "sweep" / "logs" / "batch_size=8" / "fold1_seed1.log"
    assert f"batch_size=8/fold1_seed1: started, tells of itself in {log}" in result.err
    table = pd.read_csv(tmp_path / "sweep" / "results.csv")
    assert list(table["seed"]) == [0, 1]
    summary = tmp_path / "sweep" / "results_summary.csv"
    printed = dssd("table", summary, "--system", "float")
    assert printed.code == 0
    lines = printed.out.splitlines()
    assert len(lines) == 3
    assert lines[2].startswith("| batch_size=8 | float | ")
    assert lines[2].endswith("| 2 |")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (["--grid", "training.epochs"], "not of the form"),
        (["--grid", "a=1", "a=2"], "given twice"),
        (["--variants", "none.yaml"], "none.yaml: cannot be read"),
        (["--grid", "training.epoch=1"], "configuration 'epoch=1': training.epoch: unknown key"),
        (["--grid", "training.epochs=1,x"], "configuration 'epochs=x': training.epochs"),
        (["--grid", "model.name=dsmn_s,oops"], "'name=oops': model.name: unknown model 'oops'"),
        ([], "the sweep would be a single run — give --grid"),
    ],
)
def test_wrong_settings_are_one_line(
    dssd: Callable, recipe: Path, tmp_path: Path, given: list[str], reason: str
) -> None:
    result = dssd("sweep", recipe, *given, "--out", tmp_path / "sweep")
    assert result.code == 2
    assert reason in result.line
    assert not (tmp_path / "sweep").exists()


def test_a_table_that_is_not_there(dssd: Callable, tmp_path: Path) -> None:
    result = dssd("table", tmp_path / "none.csv")
    assert result.code == 2
    assert "none.csv: no such summary — make one by `dssd sweep`" in result.line
