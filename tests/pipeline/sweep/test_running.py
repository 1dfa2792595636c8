import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from dssd_tf.errors import RunError
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.sweep import Sweep, run_sweep, summarise, sweep_points
from dssd_tf.pipeline.sweep.running import STAGES


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
    sweep = make_sweep(model__name=["dsmn_s", "nothing"])
    with pytest.raises(RunError, match=r"1 of 2 runs failed, name=nothing/fold1_seed0 .*nothing"):
        run_sweep(sweep)
    assert list(pd.read_csv(sweep.csv)["configuration"]) == ["name=dsmn_s"]
    log = sweep.out / "logs" / "name=nothing" / "fold1_seed0.log"
    assert "dssd: error: " in log.read_text()


def test_what_is_finished_needs_no_process(
    make_sweep: Callable[..., Sweep], monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = make_sweep(seed_of__nothing=[1])
    run = RunFolder(sweep.out / sweep.points[0].name)
    run.path.mkdir(parents=True)
    stages = {name: {"seconds": 1.0, "finished": "2026-01-01T00:00:00+00:00"} for name in STAGES}
    (run.path / "stages.json").write_text(json.dumps(stages))
    monkeypatch.setattr("subprocess.Popen", None)
    with pytest.raises(RunError, match="dssd evaluate"):
        run_sweep(sweep)
