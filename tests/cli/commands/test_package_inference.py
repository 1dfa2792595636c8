from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def given(finished_run: Path, repository: Path, tmp_path: Path) -> list:
    entry = repository / "submissions" / "example" / "entry.yaml"
    return ["package", "--inference", finished_run, "--entry", entry, "--out", tmp_path / "out"]


def test_a_folder_is_written_once(dssd: Callable, given: list, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "Doe_EXAMPLE_task1_inference"
    result = dssd(*given, "--edition", 2025)
    assert result.code == 0, result.err
    assert f"python {folder / 'test_complexity.py'}" in result.err
    assert (folder / "Doe_EXAMPLE_task1" / "Doe_EXAMPLE_task1_1.py").is_file()
    again = dssd(*given, "--edition", 2025)
    assert again.code == 2
    assert str(folder) in again.line


def test_what_does_not_fit_is_refused(dssd: Callable, given: list, tmp_path: Path) -> None:
    result = dssd(*given, "--edition", 2024)
    assert result.code == 2
    assert "2024" in result.line
    result = dssd(*given, "--edition", 2025, "--eval", tmp_path)
    assert result.code == 2
    assert "--inference predicts nothing" in result.line
    assert not (tmp_path / "out").exists()
