import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from dssd_tf.augmentation import Mixup
from dssd_tf.errors import RunError
from dssd_tf.evaluation.predictor import TFLitePredictor
from dssd_tf.quantization.config import FineTuningConfig
from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.qat import fine_tuning
from dssd_tf.quantization.qat.calibration import calibrate
from dssd_tf.quantization.qat.conversion import convert_twin
from dssd_tf.quantization.qat.fine_tuning import fine_tune
from dssd_tf.quantization.qat.losses import FineTuningLoss
from dssd_tf.quantization.qat.twin import Twin, fake_quant_logits, make_twin
from dssd_tf.training.distillation.distillation_loss import DistillationLoss

CONFIG = FineTuningConfig(epochs=3, learning_rate=1e-3, observer_freeze_epoch=2)


@pytest.fixture
def tune(trained, table, task):
    """Fine-tune a new twin of the trained network in a folder; gives the twin and its progress."""

    def run(folder: Path, config: FineTuningConfig = CONFIG, **changes: Any):
        twin = make_twin(deploy_form(trained), observer_decay=config.observer_decay)
        calibrate(twin, task(64, 1)[0], show=False)
        bank = changes.pop("bank", None)
        settings: dict[str, Any] = {
            "batch_size": 32,
            "augmentation": (Mixup(alpha=0.3),),
            "seed": 7,
            "identity": "this",
            "folder": folder / "qat",
            "history_path": folder / "history_qat.csv",
            **changes,
        }
        clips = settings.pop("clips", None) or table(90, 1)
        held_out = settings.pop("held_out", None)
        loss = FineTuningLoss(config, 0.0, bank)
        return twin, fine_tune(twin, clips, held_out, config, loss, **settings)

    return run


def _weights(twin: Twin) -> list[np.ndarray]:
    return [np.asarray(weight) for weight in twin.model.weights]


@pytest.mark.slow
def test_history_ranges_and_the_file_follow_the_fine_tuning(tune, task, trained, tmp_path):
    twin, progress = tune(tmp_path)
    history = pd.read_csv(tmp_path / "history_qat.csv")
    assert list(history.columns) == [
        *("epoch", "learning_rate", "loss", "accuracy"),
        *("student_loss", "distillation_loss", "seconds"),
    ]
    assert progress.best_epoch == 3 and np.isfinite(history.to_numpy()).all()
    assert history["learning_rate"].iloc[0] == pytest.approx(1e-3)
    assert history["learning_rate"].is_monotonic_decreasing
    x, labels = task(400, 8)
    expected = fake_quant_logits(twin, x)
    found = TFLitePredictor(convert_twin(twin))(x)
    assert (found.argmax(1) == expected.argmax(1)).mean() >= 0.99
    by_float = np.asarray(trained(x, training=False)).argmax(1)
    assert (found.argmax(1) == labels).mean() >= (by_float == labels).mean() - 0.02


@pytest.mark.slow
def test_an_interrupted_fine_tuning_ends_as_one_that_was_not(tune, tmp_path, monkeypatch):
    whole, _ = tune(tmp_path / "whole")
    save, count = fine_tuning.save_state, 0

    def killed(*arguments: Any) -> None:
        nonlocal count
        count += 1
        if count == 2:
            raise KeyboardInterrupt
        save(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(fine_tuning, "save_state", killed)
        with pytest.raises(KeyboardInterrupt):
            tune(tmp_path / "part")
    resumed, progress = tune(tmp_path / "part")
    assert progress.epoch == 3
    for one, other in zip(_weights(whole), _weights(resumed), strict=True):
        np.testing.assert_array_equal(one, other)
    histories = [
        pd.read_csv(tmp_path / name / "history_qat.csv").drop(columns="seconds")
        for name in ("whole", "part")
    ]
    pd.testing.assert_frame_equal(*histories)


@pytest.mark.slow
def test_a_finished_one_is_read_back_and_another_identity_starts_again(tune, tmp_path, monkeypatch):
    first, _ = tune(tmp_path)

    def never(*arguments: Any) -> None:
        raise AssertionError("trained again")

    with monkeypatch.context() as patched:
        patched.setattr(fine_tuning, "_pass", never)
        again, _ = tune(tmp_path)
        for one, other in zip(_weights(first), _weights(again), strict=True):
            np.testing.assert_array_equal(one, other)
        with pytest.raises(AssertionError, match="trained again"):
            tune(tmp_path, identity="other")


@pytest.mark.slow
def test_the_epoch_of_lowest_validation_loss_is_kept(tune, table, tmp_path, monkeypatch):
    losses = iter([0.5, 0.3, 0.4])
    seen = []

    def validate(twin: Twin, clips: Any) -> dict[str, float]:
        seen.append(_weights(twin))
        return {"val_loss": next(losses), "val_accuracy": 0.5}

    monkeypatch.setattr(fine_tuning, "_validate", validate)
    twin, progress = tune(tmp_path, held_out=table(20, 9))
    assert progress.best_epoch == 2
    for one, other in zip(_weights(twin), seen[1], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_validation_scores_the_rounding_twin(tune, table, task, tmp_path):
    twin, progress = tune(tmp_path, FineTuningConfig(epochs=1), held_out=table(20, 9))
    x, labels = task(20, 9)
    logits = fake_quant_logits(twin, x)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits)
    assert progress.history[0]["val_loss"] == pytest.approx(float(loss), rel=1e-4)
    assert progress.history[0]["val_accuracy"] == (logits.argmax(1) == labels).mean()


@pytest.mark.slow
def test_ranges_stand_still_when_frozen_and_move_before(tune, trained, task, tmp_path):
    start = make_twin(deploy_form(trained))
    calibrate(start, task(64, 1)[0], show=False)

    def ranges(twin: Twin) -> list[float]:
        return [float(v) for pair in twin.ranges.shared.values() for v in pair.values()]

    frozen, _ = tune(tmp_path / "0", FineTuningConfig(epochs=1, observer_freeze_epoch=0))
    moving, _ = tune(tmp_path / "1", FineTuningConfig(epochs=1, observer_freeze_epoch=1))
    assert ranges(frozen) == ranges(start)
    assert ranges(moving) != ranges(start)


@pytest.mark.slow
def test_weights_of_clips_and_stored_logits_travel_along(tune, table, tmp_path):
    random = np.random.default_rng(0)
    clips = table(
        40,
        1,
        weight=np.linspace(0.5, 1.5, 40, dtype="f4"),
        teacher=random.normal(size=(40, 2, 4)).astype("f4"),
    )
    config = FineTuningConfig(epochs=1)
    plain, _ = tune(tmp_path / "plain", config, clips=clips)
    bank = DistillationLoss(2.0, reduction="none")
    taught, _ = tune(tmp_path / "taught", config, clips=clips, bank=bank)
    assert any(
        not np.array_equal(*pair) for pair in zip(_weights(plain), _weights(taught), strict=True)
    )


@pytest.mark.slow
def test_a_loss_that_is_not_finite_stops_with_a_way_out(tune, table, tmp_path):
    clips = table(40, 1, weight=np.full(40, np.nan, "f4"))
    with pytest.raises(RunError, match="the loss of the fine-tuning became nan at batch 1") as bad:
        tune(tmp_path, clips=clips)
    assert "quantization.fine_tuning.learning_rate" in str(bad.value)
    assert not re.search(r"\n", str(bad.value))
