import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from dssd_tf.errors import DataError
from dssd_tf.models import load_model
from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.pipeline.stages import features, report, train
from dssd_tf.pipeline.teacher_source import open_teacher
from dssd_tf.pipeline.teaching import teach
from dssd_tf.recipe import Recipe


def test_a_trained_run_is_read_back_from_its_checkpoint(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    history = run.history.read_text()
    run.float_model.unlink()
    run.history.unlink()
    (remark,) = train.train_model(run, changed_workspace())
    assert run.history.read_text() == history
    best = pd.read_csv(run.history)["val_loss"].idxmin() + 1
    assert remark.startswith(f"best epoch {best} of 2")
    assert run.float_model.is_file()


@pytest.mark.slow
def test_without_validation_clips_the_last_epoch_counts_and_the_report_stands(
    run: RunFolder, changed_workspace: Callable[..., Workspace], small_network: str
) -> None:
    run.history.unlink()
    for epoch in run.training.iterdir():
        for file in epoch.iterdir():
            file.unlink()
        epoch.rmdir()
    workspace = changed_workspace(
        data={"validation_fraction": 0.0},
        model={"name": small_network, "options": {}},
        training={"epochs": 1},
    )
    assert train.train_model(run, workspace) == ["1 epochs, weights of the last"]
    assert "val_loss" not in pd.read_csv(run.history)
    run.report.unlink()
    report.make_report(run, workspace)
    assert run.report.is_file()


@pytest.mark.slow
def test_augmentations_get_waveforms_and_devices(
    run: RunFolder, changed_workspace: Callable[..., Workspace], tmp_path: Path
) -> None:
    run.history.unlink()
    for file in run.training.rglob("*.*"):
        file.unlink()
    for epoch in run.training.iterdir():
        epoch.rmdir()
    rate = changed_workspace().recipe.features.sampling_rate
    (tmp_path / "responses").mkdir()
    soundfile.write(tmp_path / "responses" / "room.wav", np.eye(1, 64)[0], rate)
    values = changed_workspace(training={"epochs": 1}).recipe.model_dump()
    values["augmentation"] = [
        {"name": "device_impulse_response", "folder": str(tmp_path / "responses")},
        {"name": "freq_mixstyle"},
        {"name": "spec_augment"},
        {"name": "mixup"},
    ]
    workspace = Workspace(Recipe.model_validate(values), tmp_path / "cache")
    count = len(workspace.dataset.train)
    assert f"{count} waveforms for augmentation" in features.prepare(run, workspace)
    assert len(train.train_model(run, workspace)) == 1
    history = pd.read_csv(run.history)
    assert len(history) == 1 and np.isfinite(history["loss"]).all()


def test_device_spectra_need_parallel_recordings(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    values = changed_workspace().recipe.model_dump()
    values["augmentation"] = [{"name": "device_spectrum_modulation"}]
    workspace = Workspace(Recipe.model_validate(values), run.path.parent / "cache")
    with pytest.raises(DataError, match="device_spectrum_modulation"):
        train.train_model(run, workspace)


def _untrained(run: RunFolder) -> None:
    run.history.unlink()
    shutil.rmtree(run.training)


@pytest.mark.slow
@pytest.mark.parametrize("stored", [True, False])
def test_a_student_with_coarse_classes_learns_from_the_run(
    run: RunFolder,
    changed_workspace: Callable[..., Workspace],
    finished_run: Path,
    tmp_path: Path,
    small_network: str,
    stored: bool,
) -> None:
    """What is kept has the scenes alone."""
    if stored:
        teach(open_teacher(finished_run), tmp_path / "bank", "big")
    values = changed_workspace(
        training={"epochs": 1, "class_weight": "balanced", "device_weight": {"a": 2.0}},
        model={"name": small_network, "options": {}},
    ).recipe.model_dump()
    chosen = {"bank": tmp_path / "bank"} if stored else {"teachers": [finished_run]}
    values["distillation"] = {**chosen, "temperature": 2, "coarse": {"head": True}}
    _untrained(run)
    recipe = Recipe.model_validate(values)
    train.train_model(run, Workspace(recipe, finished_run.parent / "feature_cache"))
    history = pd.read_csv(run.history)
    for term in ("student_loss", "distillation_loss", "coarse_loss"):
        assert np.isfinite(history[term]).all()
    assert load_model(run.float_model).output_shape == (None, 10)
