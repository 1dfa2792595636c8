"""The state of a training after an epoch, kept so that it can go on exactly."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from dssd_tf.errors import RunError
from dssd_tf.files import atomic_path, read_json, write_json


@dataclass
class Progress:
    """How far a training has come: one history row an epoch, and which epoch was best."""

    history: list[dict[str, float]]
    best_epoch: int = 0
    best_loss: float = float("inf")

    @property
    def epoch(self) -> int:
        """Finished epochs."""
        return len(self.history)


def save_checkpoint(folder: Path, model: keras.Model, progress: Progress) -> None:
    """Write the state of the epoch just finished, then drop the one before.

    An epoch's folder appears as a whole or not at all. It holds the model with its optimizer,
    the best weights so far, and the history.
    """
    before = _latest(folder)
    target = folder / f"epoch-{progress.epoch:05d}"
    with atomic_path(target) as part:
        part.mkdir()
        model.save(part / "model.keras")
        best = part / "best.weights.h5"
        if progress.best_epoch == progress.epoch or before is None:
            model.save_weights(best)
        else:
            shutil.copyfile(before / "best.weights.h5", best)
        state = {
            "history": progress.history,
            "best_epoch": progress.best_epoch,
            "best_loss": progress.best_loss,
        }
        write_json(part / "state.json", state)
    if before is not None and before != target:
        shutil.rmtree(before, ignore_errors=True)


def load_checkpoint(folder: Path) -> tuple[Any, Progress] | None:
    """The compiled model and the progress of the newest checkpoint, or None if there is none.

    Raises:
        RunError: The checkpoint cannot be read.
    """
    latest = _latest(folder)
    if latest is None:
        return None
    try:
        state = read_json(latest / "state.json")
        progress = Progress(state["history"], state["best_epoch"], state["best_loss"])
        model = keras.saving.load_model(latest / "model.keras")
    except Exception as error:
        reason = (str(error).strip() or repr(error)).splitlines()[0]
        raise RunError(
            f"the checkpoint cannot be read ({reason})",
            path=latest,
            fix="remove this folder to train from the start",
        ) from error
    return model, progress


def best_weights(folder: Path) -> Path:
    """The file of the best epoch's weights.

    Raises:
        RunError: No epoch was finished.
    """
    latest = _latest(folder)
    if latest is None:
        raise RunError("no finished epoch", path=folder, fix="train first")
    return latest / "best.weights.h5"


def _latest(folder: Path) -> Path | None:
    if not folder.is_dir():
        return None
    epochs = [p for p in folder.iterdir() if re.fullmatch(r"epoch-\d{5}", p.name)]
    return max(epochs, default=None)
