"""Trainings with teachers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from dssd_tf.training import TrainingConfig
from dssd_tf.training.clip_table import ClipTable
from dssd_tf.training.distillation import DistillationConfig
from dssd_tf.training.start import Teaching

Train = Callable[..., keras.Model]
AssertSame = Callable[[Path, keras.Model, tuple[Path, keras.Model]], None]


def _history(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "history.csv")


@pytest.mark.parametrize("live", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_distilled_training_goes_on_like_one_that_was_not_interrupted(
    assert_same: AssertSame,
    config: TrainingConfig,
    run: Train,
    clips: Callable[..., ClipTable],
    make_model: Callable[[], keras.Model],
    tmp_path: Path,
    interrupt: Callable[[int, int], pytest.MonkeyPatch],
    live: bool,
) -> None:
    """Live teacher or stored logits, mixup, coarse classes; checkpoints within the epoch."""
    settings = _taught(clips, make_model, config, live)
    expected = run(tmp_path / "whole", **settings)
    patched = interrupt(4, 1)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", **settings)
    patched.undo()
    settings = _taught(clips, make_model, config, live)
    assert_same(tmp_path / "cut", run(tmp_path / "cut", **settings), (tmp_path / "whole", expected))
    history = _history(tmp_path / "whole")
    terms = {"student_loss", "distillation_loss", "coarse_loss"}
    assert terms | {"loss", "accuracy", "val_loss", "val_accuracy", "val_coarse_loss"} <= set(
        history
    )
    assert not {"val_distillation_loss"} & set(history)
    # What comes back is the student, with the logits of its coarse classes.
    assert expected.output_shape == (None, 5)
    assert not any(isinstance(layer, keras.Model) for layer in expected.layers)


@pytest.mark.slow
def test_what_a_distilled_training_keeps_is_the_student_of_the_best_epoch(
    config: TrainingConfig,
    run: Train,
    clips: Callable[..., ClipTable],
    make_model: Callable[[], keras.Model],
    tmp_path: Path,
) -> None:
    settings = {**_taught(clips, make_model, config, live=True), "augmentation": []}
    student = run(tmp_path, **settings)
    history = _history(tmp_path)
    logits = student.predict(clips(9, 2).batches(9), verbose=0)[:, :3]
    labels = np.eye(3)[np.arange(9) % 3]
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05)
    assert float(loss(labels, logits)) == pytest.approx(history["val_loss"].min(), rel=1e-5)


def _taught(
    clips: Callable[..., ClipTable],
    make_model: Callable[[], keras.Model],
    config: TrainingConfig,
    live: bool,
) -> dict[str, Any]:
    """Settings of a training with a teacher, whose student has two coarse classes."""
    keras.utils.set_random_seed(3)
    teacher = make_model()
    coarse = {"groups": {"a": ["x", "y"], "b": ["z"]}, "weight": 0.5, "head": True}
    chosen = {"teachers": ["t"]} if live else {"bank": "b"}
    distillation = DistillationConfig.model_validate(
        {**chosen, "temperature": 2, "schedule": {"name": "linear"}, "coarse": coarse}
    )
    table = clips(30, 1)
    if not live:
        logits = teacher.predict(table.batches(30), verbose=0)[:, None, :]
        names = [str(n) for n in range(30)]
        table = ClipTable(table.store, names, table.labels, 3, arrays={"teacher": logits})

    def student() -> keras.Model:
        inputs = keras.Input((8, 8, 1))
        x = keras.layers.Conv2D(4, 3, strides=2, name="conv")(inputs)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
        x = keras.layers.Dropout(0.3)(keras.layers.Flatten()(x))
        return keras.Model(inputs, keras.layers.Dense(5, name="logits")(x))

    return {
        "make_model": student,
        "train_clips": table,
        "teaching": Teaching(distillation, ("x", "y", "z"), [teacher] if live else []),
        "config": config.model_copy(update={"epochs": 2, "checkpoint_steps": 2}),
    }
