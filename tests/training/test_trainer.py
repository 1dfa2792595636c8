import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from dssd_tf.errors import DataError, RunError
from dssd_tf.training import OptimizerConfig, ScheduleConfig, TrainingConfig
from dssd_tf.training.clip_table import ClipTable

COLUMNS = ["epoch", "learning_rate", "accuracy", "loss", "val_accuracy", "val_loss", "seconds"]

Train = Callable[..., keras.Model]


def _history(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "history.csv")


def test_history_has_a_row_an_epoch(whole: tuple[Path, keras.Model]) -> None:
    history = _history(whole[0])
    assert set(history.columns) == set(COLUMNS)
    assert history["epoch"].to_list() == [1, 2, 3, 4]
    # The rate of an epoch's first step: the warm-up's start, then down the cosine.
    rates = history["learning_rate"].to_numpy()
    assert rates[:2] == pytest.approx([5e-5, 0.02])
    assert (np.diff(rates[1:]) < 0).all()
    assert history["val_accuracy"].between(0, 1).all()
    assert (history["seconds"] >= 0).all()


def test_it_learns(whole: tuple[Path, keras.Model]) -> None:
    history = _history(whole[0])
    assert (history["val_loss"].diff().dropna() < 0).all()
    assert history["val_loss"].iloc[-1] < 0.9 * history["val_loss"][0]


def test_model_has_the_weights_of_the_best_epoch(
    whole: tuple[Path, keras.Model], clips: Callable[..., ClipTable]
) -> None:
    logits = whole[1].predict(clips(9, 2).batches(9), verbose=0)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    smooth = np.eye(3)[np.arange(9) % 3] * 0.95 + 0.05 / 3
    loss = -(smooth * log_softmax).sum(axis=1).mean()
    assert loss == pytest.approx(_history(whole[0])["val_loss"].min(), rel=1e-5)


@pytest.mark.slow
def test_another_seed_trains_otherwise(
    config: TrainingConfig, run: Train, whole: tuple[Path, keras.Model], tmp_path: Path
) -> None:
    config = config.model_copy(update={"epochs": 1})
    run(tmp_path, seed=12, config=config)
    assert _history(tmp_path)["loss"][0] != _history(whole[0])["loss"][0]


def test_without_validation_the_last_epoch_counts(run: Train, tmp_path: Path) -> None:
    # A rate this high makes the loss rise, so that the last epoch is not the best.
    config = TrainingConfig(
        epochs=2,
        batch_size=8,
        optimizer=OptimizerConfig(name="sgd", learning_rate=20),
        schedule=ScheduleConfig(name="constant"),
    )
    model = run(tmp_path, validation_clips=None, config=config, augmentation=[])
    history = _history(tmp_path)
    assert set(history.columns) == {"epoch", "learning_rate", "accuracy", "loss", "seconds"}
    assert history["loss"][1] > history["loss"][0]
    (saved,) = (tmp_path / "training").rglob("model.keras")
    last = keras.saving.load_model(saved)
    for mine, theirs in zip(model.get_weights(), last.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.slow
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_loss_that_is_not_finite_stops_at_its_batch(
    run: Train, clips: Callable[..., ClipTable], array_store: type, tmp_path: Path, value: float
) -> None:
    class Spoiled(array_store):
        """Spoils the third batch."""

        calls = 0

        def read(self, positions: np.ndarray) -> tuple[np.ndarray]:
            self.calls += 1  # the first read tells the shape
            return (super().read(positions)[0] * (value if self.calls == 4 else 1),)

    with pytest.raises(RunError, match=r"training loss became \S+ at batch 3") as caught:
        run(tmp_path, train_clips=clips(30, 1, Spoiled), augmentation=[])
    assert "training.optimizer.learning_rate" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "training").exists()


def test_validation_loss_that_is_not_finite(
    run: Train, clips: Callable[..., ClipTable], array_store: type, tmp_path: Path
) -> None:
    class Spoiled(array_store):
        def read(self, positions: np.ndarray) -> tuple[np.ndarray]:
            return (super().read(positions)[0] * np.nan,)

    with pytest.raises(RunError, match="validation loss became nan in epoch 1") as caught:
        run(tmp_path, validation_clips=clips(9, 2, Spoiled))
    assert "training.optimizer.learning_rate" in str(caught.value)


def test_unknown_clip_is_refused(clips: Callable[..., ClipTable]) -> None:
    table = clips(6, 1)
    assert len(table) == 6
    with pytest.raises(ValueError, match="x"):
        ClipTable(table.store, ["x"], np.array([0]), 3)


@pytest.mark.slow
def test_error_of_a_clip_reaches_the_user(
    run: Train, clips: Callable[..., ClipTable], array_store: type, tmp_path: Path
) -> None:
    class Damaged(array_store):
        def read(self, positions: np.ndarray) -> tuple[np.ndarray]:
            if len(positions) > 1:
                raise DataError("the shard is damaged", path="shard-1")
            return super().read(positions)

    with pytest.raises(DataError, match="shard-1: the shard is damaged"):
        run(tmp_path, train_clips=clips(30, 1, Damaged))
    with pytest.raises(DataError, match="shard-1"):
        run(tmp_path, validation_clips=clips(9, 2, Damaged))


@pytest.mark.slow
def test_parts_of_an_epoch_make_one_row(config: TrainingConfig, run: Train, tmp_path: Path) -> None:
    """Without anything random, the mean over the parts is that of the whole epoch."""
    settings: dict[str, Any] = {"augmentation": [], "make_model": _linear}
    one = config.model_copy(update={"epochs": 2})
    run(tmp_path / "one", config=one, **settings)
    run(tmp_path / "parts", config=one.model_copy(update={"checkpoint_steps": 3}), **settings)
    pd.testing.assert_frame_equal(
        _history(tmp_path / "parts").drop(columns="seconds"),
        _history(tmp_path / "one").drop(columns="seconds"),
        rtol=1e-5,
    )


@pytest.mark.slow
def test_the_average_of_the_weights_is_judged_and_kept(
    config: TrainingConfig, run: Train, clips: Callable[..., ClipTable], tmp_path: Path
) -> None:
    config = config.model_copy(update={"epochs": 1, "ema": 0.9, "label_smoothing": 0.0})
    settings: dict[str, Any] = {"augmentation": [], "make_model": _linear}
    averaged = run(tmp_path / "ema", config=config, **settings)
    plain = run(tmp_path / "plain", config=config.model_copy(update={"ema": None}), **settings)
    assert np.abs(averaged.get_weights()[0] - plain.get_weights()[0]).max() > 1e-4
    averaged.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    scores = averaged.evaluate(clips(9, 2).batches(9), verbose=0, return_dict=True)
    assert scores["loss"] == pytest.approx(_history(tmp_path / "ema")["val_loss"][0], rel=1e-5)


def test_it_stops_when_the_validation_loss_has_stopped_to_fall(
    config: TrainingConfig,
    run: Train,
    clips: Callable[..., ClipTable],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    config = config.model_copy(
        update={
            "epochs": 30,
            "early_stopping": 2,
            "optimizer": OptimizerConfig(learning_rate=1.0),
            "schedule": ScheduleConfig(name="constant"),
        }
    )
    settings: dict[str, Any] = {"augmentation": [], "make_model": _linear, "config": config}
    run(tmp_path, **settings)
    history = _history(tmp_path)
    best = int(history["val_loss"].argmin()) + 1
    assert len(history) == best + 2 < 30
    assert "no lower validation loss for 2 epochs" in capfd.readouterr().err
    run(tmp_path, **settings)
    assert len(_history(tmp_path)) == best + 2


def test_early_stopping_needs_validation_clips(
    config: TrainingConfig, run: Train, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match=r"early_stopping needs .*validation_fraction"):
        run(tmp_path, validation_clips=None, config=config.model_copy(update={"early_stopping": 1}))


def test_weights_of_clips_count_in_training_only(
    run: Train, clips: Callable[..., ClipTable], tmp_path: Path
) -> None:
    """At a rate of next to nothing, the losses are those of the network as it was made."""
    table, labels = clips(30, 1), np.eye(3)[np.arange(30) % 3]
    weights = np.linspace(0, 2, 30, dtype=np.float32)
    names = [str(n) for n in range(30)]
    weighted = ClipTable(table.store, names, table.labels, 3, arrays={"weight": weights})
    config = TrainingConfig(
        epochs=1,
        batch_size=8,
        optimizer=OptimizerConfig(name="sgd", learning_rate=1e-9),
        schedule=ScheduleConfig(name="constant"),
    )
    settings: dict[str, Any] = {"augmentation": [], "make_model": _linear, "config": config}
    model = run(tmp_path, train_clips=weighted, **settings)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, reduction=None)
    row = _history(tmp_path).iloc[0]
    each = loss(labels, model.predict(table.batches(30), verbose=0))
    assert row["loss"] == pytest.approx(np.mean(weights * each), rel=1e-4)
    held_out = loss(labels[:9], model.predict(clips(9, 2).batches(9), verbose=0))
    assert row["val_loss"] == pytest.approx(np.mean(held_out), rel=1e-4)


def test_without_tensorboard_it_is_said_before_training(
    config: TrainingConfig, run: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    config = config.model_copy(update={"tensorboard": True})
    with pytest.raises(RunError, match="tensorboard"):
        run(tmp_path, config=config)
    assert list(tmp_path.iterdir()) == []


def _linear() -> keras.Model:
    inputs = keras.Input((8, 8, 1))
    logits = keras.layers.Dense(3, name="logits")(keras.layers.Flatten()(inputs))
    return keras.Model(inputs, logits)
