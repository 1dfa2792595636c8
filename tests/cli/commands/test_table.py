from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture
def summary(tmp_path: Path) -> Path:
    """A summary of two configurations with two systems each."""
    table = pd.DataFrame(
        {
            "configuration": ["base", "base", "wide", "wide"],
            "system": ["float", "int8"] * 2,
            "runs": 2,
            "macro_accuracy": [0.7, 0.69, 0.75, 0.76],
            "log_loss": [0.9, 0.95, 0.8, 0.81],
            "macs": [2e6, 2e6, 9e6, 9e6],
        }
    )
    path = tmp_path / "results_summary.csv"
    table.to_csv(path, index=False)
    return path


def test_it_prints_and_draws(dssd: Callable, summary: Path) -> None:
    picture = summary.with_name("plot.svg")
    result = dssd("table", summary, "--system", "int8", "--sort", "log_loss", "--plot", picture)
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert len(lines) == 4 and lines[2].startswith("| wide | int8 |")
    assert "wide" in picture.read_text() and "float" not in picture.read_text()


def test_a_picture_of_several_systems_is_refused_after_the_table(
    dssd: Callable, summary: Path
) -> None:
    result = dssd("table", summary, "--plot", summary.with_name("plot.svg"))
    assert result.code == 2
    assert "choose one with --system" in result.err
    assert not summary.with_name("plot.svg").exists()


def test_in_few_columns_or_some_rows(dssd: Callable, summary: Path) -> None:
    result = dssd("table", summary, "--system", "int8", "--brief", "--only", "wide,base")
    assert [line.split(" | ")[0] for line in result.out.splitlines()[2:]] == [
        "| `wide`",
        "| `base`",
    ]
    result = dssd("table", summary, "--only", "wide,narrow")
    assert result.code == 2
    assert "no configuration 'narrow'" in result.err
    assert dssd("table", summary, "--brief", "--differences").code == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--sort", "macro"), "has no column 'macro', did you mean 'macro_accuracy'? — choose"),
        (("--only", "wid"), "has no configuration 'wid', did you mean 'wide'? — choose"),
        (("--differences",), "has no differences — repeat `dssd sweep` with --against NAME"),
        (("--brief", "--plot", "plot.svg"), "several systems in one picture — choose one"),
    ],
)
def test_what_a_summary_lacks_is_told_with_its_name(
    dssd: Callable, summary: Path, options: tuple[str, ...], told: str
) -> None:
    result = dssd("table", summary, *options)
    assert result.code == 2
    assert result.line.startswith(f"dssd: error: {summary}: {told}")


def test_rows_in_place_of_a_summary_are_answered_with_the_summary_beside_them(
    dssd: Callable, summary: Path
) -> None:
    rows = summary.with_name("results.csv")
    rows.write_text("configuration,system,macro_accuracy,log_loss\nbase,int8,0.7,0.9\n")
    assert dssd("table", rows).line == (
        f"dssd: error: {rows}: lacks the column 'runs' — give {summary}"
    )
