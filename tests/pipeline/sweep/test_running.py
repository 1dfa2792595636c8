import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from dssd_tf.errors import RunError
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.runner import start_run
from dssd_tf.pipeline.sweep import Sweep, collect, run_sweep, summarise, sweep_points
from dssd_tf.pipeline.sweep.one_run import STAGES
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.recipe import dump_recipe, load_recipe


@pytest.fixture
def make_sweep(
    write_recipe: Callable[..., Path], synthetic_set: Path, tmp_path: Path
) -> Callable[..., Sweep]:
    def make(**grid: list) -> Sweep:
        recipe = write_recipe(
            model={"name": "dsmn_s", "options": {"pattern": "SF", "widths": [8, 8]}},
            training={"epochs": 1, "form": "convolution", "jit_compile": None},
            quantization={"method": "none"},
            challenge={"edition": None, "entry": None},
        )
        points = sweep_points({key.replace("__", "."): v for key, v in grid.items()}, {}, [1], [0])
        return Sweep(recipe, points, tmp_path / "sweep", tmp_path / "results.csv", synthetic_set)

    return make


@pytest.mark.slow
def test_a_sweep_leaves_results_and_is_not_repeated(make_sweep: Callable[..., Sweep]) -> None:
    sweep = make_sweep(training__batch_size=[4, 8])
    results = run_sweep(sweep, processes=2)
    assert list(results["configuration"]) == ["batch_size=4", "batch_size=8"]
    assert list(results["set training.batch_size"]) == ["4", "8"]
    assert len(pd.read_csv(sweep.csv)) == 2
    runs = [RunFolder(sweep.out / point.name) for point in sweep.points]
    assert all(list(run.finished()) == list(STAGES) for run in runs)
    before = [run.float_model.stat().st_mtime_ns for run in runs]
    assert run_sweep(sweep).equals(results)
    assert [run.float_model.stat().st_mtime_ns for run in runs] == before
    summary = summarise(results, sweep.points, sweep.out)
    assert list(summary["runs"]) == [1, 1]
    assert (summary["macro_accuracy_low"] <= summary["macro_accuracy"]).all()


@pytest.mark.slow
def test_a_run_that_fails_leaves_the_others(make_sweep: Callable[..., Sweep]) -> None:
    sweep = make_sweep(features__sampling_rate=[44100, 22050])
    failed = "sampling_rate=22050"
    with pytest.raises(RunError, match=rf"1 of 2 runs failed, {failed}/fold1_seed0 .*22050"):
        run_sweep(sweep)
    assert list(pd.read_csv(sweep.csv)["configuration"]) == ["sampling_rate=44100"]
    log = sweep.out / "logs" / failed / "fold1_seed0.log"
    assert "dssd: error: " in log.read_text()


@pytest.fixture
def finished(make_sweep: Callable[..., Sweep], monkeypatch: pytest.MonkeyPatch) -> Sweep:
    """A sweep of one run that claims to be finished; a process cannot be started."""
    sweep = make_sweep(training__batch_size=[4])
    point = sweep.points[0]
    data = [f"data.root={sweep.data}", f"data.cache={sweep.out / 'feature_cache'}"]
    recipe = load_recipe(sweep.recipe, [*data, *point.overrides(sweep.out)])
    run = start_run(Workspace(recipe, sweep.out).resolved(), sweep.out / point.name)
    for name in STAGES:
        run.mark_finished(name, 1.0)
    monkeypatch.setattr("subprocess.Popen", None)
    return sweep


def test_what_is_finished_needs_no_process(finished: Sweep) -> None:
    with pytest.raises(RunError, match="dssd evaluate"):
        run_sweep(finished)


def test_what_is_finished_is_collected_without_the_rest(
    make_sweep: Callable[..., Sweep],
    finished_run: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("subprocess.Popen", None)
    sweep = make_sweep(training__batch_size=[4, 8])
    with pytest.raises(RunError, match="none of the 2 runs is finished — leave --collect out"):
        collect(sweep)
    copy = shutil.copytree(finished_run, sweep.out / sweep.points[1].name)
    with pytest.raises(RunError, match="holds a run of another recipe"):
        collect(sweep)
    data = [f"data.root={sweep.data}", f"data.cache={sweep.out / 'feature_cache'}"]
    recipe = load_recipe(sweep.recipe, [*data, *sweep.points[1].overrides(sweep.out)])
    (copy / "recipe.yaml").write_text(dump_recipe(Workspace(recipe, sweep.out).resolved()))
    results = collect(sweep)
    assert set(results["configuration"]) == {"batch_size=8"}
    assert set(pd.read_csv(sweep.csv)["configuration"]) == {"batch_size=8"}
    assert "finished: 1 of 2 runs" in capsys.readouterr().err


def test_a_finished_run_of_other_settings_is_no_result(finished: Sweep) -> None:
    other = replace(finished, overrides=["training.label_smoothing=0.1"])
    with pytest.raises(
        RunError, match=r"another recipe \(training.label_smoothing is .* there and .* here\)"
    ):
        run_sweep(other)
    assert len(pd.read_csv(other.csv)) == 0
