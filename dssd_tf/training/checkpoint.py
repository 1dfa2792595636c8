"""The state of a training between two batches, kept so that it can go on exactly."""

import math
import re
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras

import dssd_tf.training.distillation.distiller  # noqa: F401  (registered, to be read again)
from dssd_tf.errors import RunError
from dssd_tf.files import atomic_path, read_json, write_json
from dssd_tf.training.averaging import averaged_weights
from dssd_tf.training.start import network_of

_NO_MEASURES = ("clips", "learning_rate", "seconds")


@dataclass
class Progress:
    """How far a training has come: one history row an epoch, and which epoch was best.

    Within an epoch: the batches done, and what they have summed up over their clips.
    """

    history: list[dict[str, float]]
    best_epoch: int = 0
    best_loss: float = float("inf")
    steps: int = 0
    sums: dict[str, float] = field(default_factory=dict)

    @property
    def epoch(self) -> int:
        """Finished epochs."""
        return len(self.history)

    def line(self, epochs: int) -> str:
        """The epoch just finished, of so many, in a line; a star marks the best so far."""
        row = self.history[-1]
        text = f"  epoch {self.epoch}/{epochs}  loss {row['loss']:.4f}"
        if "val_loss" in row:
            text += f"  val_loss {row['val_loss']:.4f}  val_accuracy {row['val_accuracy']:.3f}"
            text += "  *" if self.best_epoch == self.epoch else ""
        return f"{text}  ({row['seconds']:.1f} s)"

    def add(self, clips: int, **means: float) -> None:
        """Add what `clips` more clips of the epoch gave on average."""
        self.sums["clips"] = self.sums.get("clips", 0) + clips
        for name, mean in means.items():
            self.sums[name] = self.sums.get(name, 0.0) + mean * clips

    @property
    def measures(self) -> list[str]:
        """What `add` has summed up, loss and accuracy first."""
        names = [name for name in self.sums if name not in _NO_MEASURES]
        return sorted(names, key=lambda name: (name != "loss", name != "accuracy"))

    def mean(self, name: str) -> float:
        """Average over the clips of the epoch so far."""
        return self.sums[name] / self.sums["clips"]

    def end_epoch(self, row: dict[str, float]) -> None:
        """Add the epoch's row."""
        self.history.append(row)
        self.steps, self.sums = 0, {}


def save_checkpoint(folder: Path, model: keras.Model, progress: Progress) -> None:
    """Write the state, then drop the one before.

    A state's folder appears as a whole or not at all. It holds the model with its optimizer, the
    best weights so far (their moving average, if the optimizer keeps one), and the history.
    """
    before = _latest(folder)
    name = f"epoch-{progress.epoch:05d}"
    target = folder / (f"{name}-step-{progress.steps:07d}" if progress.steps else name)
    is_best = progress.best_epoch == progress.epoch and not progress.steps
    with atomic_path(target) as part:
        part.mkdir()
        model.save(part / "model.keras")
        best = part / "best.weights.h5"
        if is_best or before is None:
            with averaged_weights(model):
                network_of(model).save_weights(best)
        else:
            shutil.copyfile(before / "best.weights.h5", best)
        write_json(part / "state.json", _state(progress))
    if before is not None and before != target:
        shutil.rmtree(before, ignore_errors=True)


def checkpoint_place(folder: Path) -> tuple[int, int]:
    """Epoch and step at which the newest checkpoint stands; (0, 0) if there is none."""
    latest = _latest(folder)
    if latest is None:
        return 0, 0
    epoch, _, step = latest.name.removeprefix("epoch-").partition("-step-")
    return int(epoch), int(step or 0)


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
        if state["best_loss"] is None:
            state["best_loss"] = float("inf")
        progress = Progress(**state)
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


def _state(progress: Progress) -> dict[str, Any]:
    state = asdict(progress)
    # Before the first epoch's end there is no best loss, and JSON has no infinity.
    if not math.isfinite(progress.best_loss):
        state["best_loss"] = None
    return state


def _latest(folder: Path) -> Path | None:
    if not folder.is_dir():
        return None
    epochs = [p for p in folder.iterdir() if re.fullmatch(r"epoch-\d{5}(-step-\d{7})?", p.name)]
    return max(epochs, default=None)
