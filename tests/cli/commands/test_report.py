"""`dssd report`."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def test_one_run_or_several(dssd: Callable, copied_run: Path, tmp_path: Path) -> None:
    result = dssd("report", copied_run)
    assert result.code == 0
    assert (copied_run / "report.html").is_file()
    other, out = Path(shutil.copytree(copied_run, tmp_path / "other")), tmp_path / "both.html"
    result = dssd("report", copied_run, other, "--output", out)
    assert result.code == 0 and str(out) in result.err
    page = out.read_text()
    assert "Runs side by side" in page and "copied · other" in page


def test_several_runs_are_written_here_by_default(
    dssd: Callable, copied_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(shutil.copytree(copied_run, tmp_path / "other"))
    monkeypatch.chdir(tmp_path)
    assert dssd("report", copied_run, other).code == 0
    assert (tmp_path / "side_by_side.html").is_file()


def test_a_folder_that_is_no_run(dssd: Callable, copied_run: Path, tmp_path: Path) -> None:
    result = dssd("report", copied_run, tmp_path)
    assert result.code == 2
    assert f"{tmp_path}: is not a run's folder" in result.line
