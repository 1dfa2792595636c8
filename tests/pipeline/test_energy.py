import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.energy import Energy, no_energy
from dssd_tf.files import read_json
from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.pipeline.energy import measure_inference, note_energy
from dssd_tf.pipeline.stages import train


def test_figures_are_added_to_those_that_are_there(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    note_energy(run, training=Energy(0.5, 0.3, 0.1, 0.1, 60.0))
    found = note_energy(run, inference=no_energy(2.0, "no meter"))
    assert found == read_json(tmp_path / "energy.json")
    assert list(found) == ["training", "inference", "baseline_inference"]
    assert found["training"]["kwh"] == 0.5
    assert found["inference"] == {
        "kwh": None,
        "cpu_kwh": None,
        "gpu_kwh": None,
        "ram_kwh": None,
        "seconds": 2.0,
        "reason": "no meter",
    }
    assert found["baseline_inference"] is None


@pytest.mark.slow
def test_inference_of_the_deployed_model_and_of_the_baseline(
    run: RunFolder, changed_workspace: Callable[..., Workspace], metered: Callable[..., list]
) -> None:
    trackers = metered("intel_rapl")
    found = measure_inference(run, changed_workspace())
    assert len(trackers) == 2
    assert found["inference"]["kwh"] == found["baseline_inference"]["kwh"] == 0.6
    assert found["training"] is None


@pytest.mark.slow
def test_a_trainings_energy_is_noted_unless_it_was_interrupted(
    run: RunFolder, changed_workspace: Callable[..., Workspace], metered: Callable[..., list]
) -> None:
    metered("intel_rapl")
    training = {"epochs": 2, "batch_size": 8, "energy": True}
    assert run.training.is_dir()
    train.train_model(run, changed_workspace(training=training))
    resumed = read_json(run.energy)["training"]
    assert resumed["kwh"] is None and "interrupted" in resumed["reason"]
    shutil.rmtree(run.training)
    train.train_model(run, changed_workspace(training=training))
    assert read_json(run.energy)["training"]["kwh"] == 0.6
