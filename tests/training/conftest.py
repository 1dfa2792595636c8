"""Clips in memory, and a network that learns them in a few epochs."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pandas as pd
import pytest

from dssd_tf.augmentation import Mixup
from dssd_tf.training import OptimizerConfig, ScheduleConfig, TrainingConfig
from dssd_tf.training.clip_table import ClipTable
from dssd_tf.training.trainer import train

CLASSES, SHAPE = 3, (8, 8, 1)

Train = Callable[..., keras.Model]
AssertSame = Callable[[Path, keras.Model, tuple[Path, keras.Model]], None]


class ArrayStore:
    """The interface of a feature store over an array."""

    shape = SHAPE
    domain = "features"

    def __init__(self, features: np.ndarray):
        self.features = features

    def positions(self, filenames: Iterable[str]) -> np.ndarray:
        return np.array([int(name) for name in filenames], dtype=np.int64)

    def read(self, positions: np.ndarray) -> tuple[np.ndarray]:
        return (self.features[positions],)


@pytest.fixture(scope="session")
def clips() -> Callable[..., ClipTable]:
    """Make a table of clips; each class is brighter in another band."""

    def make(
        count: int, seed: int, store: Callable[[np.ndarray], ArrayStore] = ArrayStore
    ) -> ClipTable:
        random = np.random.default_rng(seed)
        labels = np.arange(count) % CLASSES
        features = random.standard_normal((count, *SHAPE)).astype(np.float32)
        for index, label in enumerate(labels):
            features[index, :, 2 * label] += 2
        return ClipTable(store(features), list(map(str, range(count))), labels, CLASSES)

    return make


@pytest.fixture(scope="session")
def array_store() -> type[ArrayStore]:
    return ArrayStore


@pytest.fixture(scope="session")
def make_model() -> Callable[[], keras.Model]:
    """A network with all that has a state: normalization, dropout, weights."""

    def make() -> keras.Model:
        inputs = keras.Input(SHAPE)
        x = keras.layers.Conv2D(4, 3, strides=2, use_bias=False, name="conv")(inputs)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
        x = keras.layers.Dropout(0.3)(keras.layers.Flatten()(x))
        return keras.Model(inputs, keras.layers.Dense(CLASSES, name="logits")(x))

    return make


@pytest.fixture(scope="session")
def config() -> TrainingConfig:
    """Four epochs with a warm-up and label smoothing."""
    return TrainingConfig(
        epochs=4,
        batch_size=8,
        optimizer=OptimizerConfig(learning_rate=0.02),
        schedule=ScheduleConfig(warmup_epochs=1),
        label_smoothing=0.05,
    )


@pytest.fixture(scope="module")
def run(
    clips: Callable[..., ClipTable],
    make_model: Callable[[], keras.Model],
    config: TrainingConfig,
) -> Train:
    """Train on 30 clips, 4 steps an epoch, into a folder."""

    def start(folder: Path, **changes: Any) -> keras.Model:
        settings: dict[str, Any] = {
            "make_model": make_model,
            "train_clips": clips(30, 1),
            "validation_clips": clips(9, 2),
            "config": config,
            "augmentation": [Mixup(alpha=0.4), Mixup(alpha=0.2, share=0.5, from_epoch=3)],
            "seed": 11,
            "folder": folder / "training",
            "history_path": folder / "history.csv",
        }
        return train(**(settings | changes))

    return start


@pytest.fixture(scope="module")
def whole(run: Train, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, keras.Model]:
    """A training that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, run(folder)


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], pytest.MonkeyPatch]:
    """Let Ctrl-C come in the given epoch, after the given number of batches."""

    def arm(epoch: int, batches: int) -> pytest.MonkeyPatch:
        fits = 0
        original = keras.Model.fit

        class Stop(keras.callbacks.Callback):
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                if fits == epoch and batch + 1 == batches:
                    raise KeyboardInterrupt

        def fit(self: keras.Model, *args: Any, **kwargs: Any) -> Any:
            nonlocal fits
            fits += 1
            if fits == epoch and batches == 0:
                raise KeyboardInterrupt
            kwargs["callbacks"] = [*kwargs.get("callbacks", []), Stop()]
            return original(self, *args, **kwargs)

        monkeypatch.setattr(keras.Model, "fit", fit)
        return monkeypatch

    return arm


@pytest.fixture(scope="session")
def assert_same() -> AssertSame:
    """Compare history and weights of a training with those of another, bit for bit."""

    def check(folder: Path, model: keras.Model, whole: tuple[Path, keras.Model]) -> None:
        expected = pd.read_csv(whole[0] / "history.csv").drop(columns="seconds")
        pd.testing.assert_frame_equal(
            pd.read_csv(folder / "history.csv").drop(columns="seconds"), expected, check_exact=True
        )
        for mine, theirs in zip(model.get_weights(), whole[1].get_weights(), strict=True):
            np.testing.assert_array_equal(mine, theirs)

    return check
