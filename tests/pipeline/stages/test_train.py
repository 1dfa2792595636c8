from collections.abc import Callable

import pandas as pd

from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.pipeline.stages import report, train


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
