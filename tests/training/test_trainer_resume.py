"""Trainings that were interrupted and go on."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from dssd_tf.training import TrainingConfig

Train = Callable[..., keras.Model]
AssertSame = Callable[[Path, keras.Model, tuple[Path, keras.Model]], None]


def _history(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "history.csv")


@pytest.mark.slow
@pytest.mark.parametrize(("epoch", "batches"), [(3, 0), (3, 2)])
def test_interrupted_training_ends_like_one_that_was_not(
    assert_same: AssertSame,
    run: Train,
    whole: tuple[Path, keras.Model],
    tmp_path: Path,
    interrupt: Callable[[int, int], pytest.MonkeyPatch],
    epoch: int,
    batches: int,
) -> None:
    patched = interrupt(epoch, batches)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path)
    patched.undo()
    assert len(_history(tmp_path)) == epoch - 1
    # What else draws numbers in between does not matter.
    np.random.seed(5)
    keras.utils.set_random_seed(6)
    assert_same(tmp_path, run(tmp_path), whole)


def test_finished_training_is_not_repeated(
    run: Train, whole: tuple[Path, keras.Model], make_model: Callable[[], keras.Model]
) -> None:
    before = (whole[0] / "history.csv").read_bytes()
    # A killed process may have saved the last epoch but not its row.
    (whole[0] / "history.csv").unlink()

    def refuse() -> keras.Model:
        raise AssertionError("a finished training needs no new model")

    model = run(whole[0], make_model=refuse)
    assert (whole[0] / "history.csv").read_bytes() == before
    for mine, theirs in zip(model.get_weights(), whole[1].get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.slow
@pytest.mark.parametrize("batches", [0, 2])
def test_within_an_epoch_it_goes_on_from_the_last_checkpoint(
    assert_same: AssertSame,
    config: TrainingConfig,
    run: Train,
    tmp_path: Path,
    interrupt: Callable[[int, int], pytest.MonkeyPatch],
    batches: int,
) -> None:
    """Four batches an epoch, a checkpoint after every two; epoch 2 has fits 3 and 4."""
    config = config.model_copy(update={"epochs": 2, "checkpoint_steps": 2, "ema": 0.8})
    expected = run(tmp_path / "whole", config=config)
    patched = interrupt(4, batches)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", config=config)
    patched.undo()
    (checkpoint,) = (tmp_path / "cut" / "training").iterdir()
    assert checkpoint.name == "epoch-00001-step-0000002"
    keras.utils.set_random_seed(8)
    assert_same(
        tmp_path / "cut", run(tmp_path / "cut", config=config), (tmp_path / "whole", expected)
    )
    (checkpoint,) = (tmp_path / "cut" / "training").iterdir()
    assert checkpoint.name == "epoch-00002"
