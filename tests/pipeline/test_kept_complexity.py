from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.files import read_json, write_json
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.kept_complexity import keep_complexity


@pytest.fixture
def run(copied_run: Path) -> RunFolder:
    return RunFolder(copied_run)


@pytest.fixture
def counted(run: RunFolder) -> dict[str, Any]:
    """What the stage counted, as if a moved run were counted again."""
    result = read_json(run.complexity)
    return {name: {**result[name], "source": "elsewhere"} for name in ("float", "int8")}


@pytest.fixture
def finish(run: RunFolder) -> Callable[..., None]:
    """Set when stages were finished: `finish(train=12)`, the hour."""

    def change(**hours: int) -> None:
        stages = run.finished()
        for name, hour in hours.items():
            stages[name]["finished"] = f"2026-01-01T{hour:02d}:00:00+00:00"
        write_json(run.path / "stages.json", stages)

    return change


def test_a_file_that_holds_the_same_stays_untouched(
    run: RunFolder, counted: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    before = run.complexity.read_bytes(), run.finished()
    keep_complexity(run, counted, 1.5)
    assert (run.complexity.read_bytes(), run.finished()) == before
    assert capsys.readouterr().err == ""


def test_a_missing_file_is_that_of_the_stage(run: RunFolder, counted: dict[str, Any]) -> None:
    before = read_json(run.complexity)
    run.complexity.unlink()
    keep_complexity(run, counted, 1.5)
    after = read_json(run.complexity)
    assert {key: after[key] for key in after if key not in counted} == {
        key: before[key] for key in before if key not in counted
    }
    assert after["edition"] == 2022 and after["float"] == counted["float"]
    assert run.finished()["complexity"]["seconds"] == 1.5


def test_an_older_model_s_file_is_brought_up_to_date(
    run: RunFolder, counted: dict[str, Any], finish: Callable[..., None]
) -> None:
    finish(complexity=10, train=11)
    keep_complexity(run, counted, 1.5)
    assert run.finished()["complexity"]["seconds"] == 1.5
    assert run.require(run.complexity, "complexity") == run.complexity


def test_what_its_edition_cannot_judge_is_not_kept(
    run: RunFolder, counted: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    run.complexity.unlink()
    del counted["int8"]
    keep_complexity(run, counted, 1.5)
    assert not run.complexity.exists()
    assert "not kept in" in capsys.readouterr().err
