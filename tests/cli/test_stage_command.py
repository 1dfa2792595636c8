from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.cli.stage_command import run_stage
from dssd_tf.errors import RunError
from dssd_tf.pipeline import RunFolder, Workspace, runner
from dssd_tf.recipe import dump_recipe, load_recipe


@pytest.fixture
def run(write_recipe: Callable[..., Path], tmp_path: Path) -> RunFolder:
    """A run in which everything is marked finished; its data need not be there."""
    recipe = load_recipe(write_recipe(data={"root": str(tmp_path / "set")}))
    run = RunFolder(tmp_path / "runs" / "mine")
    run.path.mkdir(parents=True)
    run.recipe_file.write_text(dump_recipe(recipe), encoding="utf-8")
    for name in ("features", "quantize", "evaluate"):
        run.mark_finished(name, 1.0)
    return run


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path, Path]]:
    """What each stage that was run was given: its name, the run's folder, the cache."""
    done: list[tuple[str, Path, Path]] = []

    def work(name: str) -> Callable[[RunFolder, Workspace], list[str]]:
        def note(run: RunFolder, workspace: Workspace) -> list[str]:
            done.append((name, run.path, workspace.cache))
            if name == "evaluate":
                raise RunError("the model is gone")
            return ["8 clips"]

        return note

    names = ("features", "quantize", "evaluate")
    stages = tuple(runner.Stage(name, f"the {name} stage", work(name)) for name in names)
    monkeypatch.setattr(runner, "STAGES", stages)
    return done


def test_the_named_stage_alone_runs_again(
    run: RunFolder, done: list[tuple[str, Path, Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    run_stage(run.path, "quantize")
    assert done == [("quantize", run.path, run.path.parent / "feature_cache")]
    assert run.finished()["quantize"]["seconds"] < 1
    assert run.finished()["features"]["seconds"] == run.finished()["evaluate"]["seconds"] == 1
    assert "8 clips" in capsys.readouterr().err


def test_a_stage_that_fails_keeps_its_mark_and_its_error(
    run: RunFolder, done: list[tuple[str, Path, Path]]
) -> None:
    with pytest.raises(RunError, match="the model is gone"):
        run_stage(run.path, "evaluate")
    assert [name for name, *_ in done] == ["evaluate"]
    assert run.finished()["evaluate"]["seconds"] == 1


def test_a_folder_without_a_run_is_refused(
    tmp_path: Path, done: list[tuple[str, Path, Path]]
) -> None:
    with pytest.raises(RunError, match=r"is not a run's folder \(no recipe.yaml\)"):
        run_stage(tmp_path, "quantize")
    assert done == []
