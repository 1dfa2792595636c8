from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from dssd_tf.errors import DssdError, RunError
from dssd_tf.training.checkpoint import (
    Progress,
    best_weights,
    checkpoint_place,
    load_checkpoint,
    save_checkpoint,
)


@pytest.fixture
def model(make_model: Callable[[], keras.Model]) -> keras.Model:
    keras.utils.set_random_seed(1)
    model = make_model()
    model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
    model.optimizer.build(model.trainable_variables)
    return model


def _progress(epochs: int, best: int) -> Progress:
    history = [{"epoch": n + 1, "loss": 1 / (n + 1)} for n in range(epochs)]
    return Progress(history, best, 1 / best)


def _fill(model: keras.Model, value: float) -> None:
    model.set_weights([np.full_like(weight, value) for weight in model.get_weights()])


def _value(model: keras.Model) -> float:
    values = {float(v) for weight in model.get_weights() for v in np.ravel(weight)}
    assert len(values) == 1
    return values.pop()


def _save(folder: Path, model: keras.Model, epochs: int, best: int) -> None:
    """Save an epoch whose weights are all its number."""
    _fill(model, epochs)
    save_checkpoint(folder, model, _progress(epochs, best))


def test_nothing_saved_yet(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path / "training") is None
    assert load_checkpoint(tmp_path) is None
    with pytest.raises(RunError, match="no finished epoch") as caught:
        best_weights(tmp_path / "training")
    assert caught.value.path == tmp_path / "training"


def test_round_trip_with_weights_and_optimizer(tmp_path: Path, model: keras.Model) -> None:
    x, y = np.ones((4, 8, 8, 1), np.float32), np.eye(3, dtype=np.float32)[[0, 1, 2, 0]]
    model.fit(x, y, epochs=2, batch_size=2, verbose=0)
    save_checkpoint(tmp_path, model, _progress(2, 1))
    loaded = load_checkpoint(tmp_path)
    assert loaded is not None
    again, progress = loaded
    assert progress == _progress(2, 1)
    assert progress.epoch == 2
    assert int(again.optimizer.iterations) == 4
    for mine, theirs in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(mine), np.asarray(theirs))


def test_best_weights_are_those_of_the_best_epoch(tmp_path: Path, model: keras.Model) -> None:
    for epoch, best in ((1, 1), (2, 2), (3, 2), (4, 2)):
        _save(tmp_path, model, epoch, best)
        loaded = load_checkpoint(tmp_path)
        assert loaded is not None
        assert _value(loaded[0]) == epoch
        model.load_weights(best_weights(tmp_path))
        assert _value(model) == best


def test_only_the_newest_epoch_is_kept(tmp_path: Path, model: keras.Model) -> None:
    _save(tmp_path, model, 1, 1)
    _save(tmp_path, model, 2, 2)
    assert len(list(tmp_path.iterdir())) == 1


def test_newest_wins_over_what_a_killed_process_left(tmp_path: Path, model: keras.Model) -> None:
    _save(tmp_path / "old", model, 1, 1)
    _save(tmp_path / "new", model, 10, 10)
    both = tmp_path / "both"
    both.mkdir()
    for folder in (tmp_path / "old", tmp_path / "new"):
        for epoch in folder.iterdir():
            epoch.rename(both / epoch.name)
    (both / ".epoch-00011.x.tmp" / "epoch-00011").mkdir(parents=True)
    (both / "notes.txt").write_text("mine")
    loaded = load_checkpoint(both)
    assert loaded is not None
    assert loaded[1].epoch == 10


def test_failed_save_leaves_the_one_before(
    tmp_path: Path, model: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    _save(tmp_path, model, 1, 1)
    before = sorted(p for p in tmp_path.rglob("*"))

    def full(path: Path) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(model, "save_weights", full)
        with pytest.raises(DssdError, match="No space left on device") as caught:
            _save(tmp_path, model, 2, 2)
    assert str(tmp_path) in str(caught.value)
    assert sorted(p for p in tmp_path.rglob("*")) == before
    loaded = load_checkpoint(tmp_path)
    assert loaded is not None
    assert _value(loaded[0]) == 1
    _save(tmp_path, model, 2, 2)
    assert load_checkpoint(tmp_path)[1].epoch == 2  # type: ignore[index]


@pytest.mark.parametrize("name", ["model.keras", "state.json"])
@pytest.mark.parametrize("content", [b"", b"{}", None], ids=["empty", "other", "missing"])
def test_unreadable_checkpoint(
    tmp_path: Path, model: keras.Model, name: str, content: bytes | None
) -> None:
    _save(tmp_path, model, 3, 3)
    (spoiled,) = tmp_path.rglob(name)
    if content is None:
        spoiled.unlink()
    else:
        spoiled.write_bytes(content)
    with pytest.raises(RunError, match="the checkpoint cannot be read") as caught:
        load_checkpoint(tmp_path)
    assert caught.value.path == spoiled.parent
    assert "remove this folder to train from the start" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_where_the_newest_checkpoint_stands(tmp_path: Path) -> None:
    assert checkpoint_place(tmp_path / "training") == (0, 0)
    (tmp_path / "epoch-00003").mkdir()
    assert checkpoint_place(tmp_path) == (3, 0)
    (tmp_path / "epoch-00003-step-0000020").mkdir()
    assert checkpoint_place(tmp_path) == (3, 20)


def test_the_line_of_an_epoch_stars_the_best() -> None:
    progress = Progress([{"loss": 1.23456, "seconds": 2.0}])
    assert progress.line(5) == "  epoch 1/5  loss 1.2346  (2.0 s)"
    row = {"loss": 1.0, "val_loss": 0.5, "val_accuracy": 0.25, "seconds": 61.04}
    progress = Progress([row, row], best_epoch=2)
    told = "  epoch 2/5  loss 1.0000  val_loss 0.5000  val_accuracy 0.250  *  (61.0 s)"
    assert progress.line(5) == told
    progress.best_epoch = 1
    assert "*" not in progress.line(5)
