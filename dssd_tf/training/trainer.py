"""The epoch loop."""

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd

import dssd_tf.layers  # noqa: F401  (registered, so that a checkpoint can be read)
from dssd_tf.augmentation import BatchAugmentation
from dssd_tf.errors import RunError
from dssd_tf.files import write_text
from dssd_tf.progress import bar, say
from dssd_tf.training.averaging import averaged_weights
from dssd_tf.training.checkpoint import Progress, best_weights, load_checkpoint, save_checkpoint
from dssd_tf.training.clip_table import ClipTable
from dssd_tf.training.computation import choose
from dssd_tf.training.config import TrainingConfig
from dssd_tf.training.optimizer import make_optimizer
from dssd_tf.training.precision import in_precision
from dssd_tf.training.repeatability import make_repeatable, seed_generators
from dssd_tf.training.step_functions import install_step_functions

_MEASURES = ("loss", "accuracy")
_VALIDATION_BATCH = 64
_LOSS_FIX = "lower training.optimizer.learning_rate or set training.optimizer.clip_norm"


def train(
    make_model: Callable[[], keras.Model],
    train_clips: ClipTable,
    validation_clips: ClipTable | None,
    config: TrainingConfig,
    *,
    augmentation: Sequence[BatchAugmentation] = (),
    seed: int,
    folder: Path,
    history_path: Path,
) -> keras.Model:
    """Train to the end, going on from the last checkpoint if `folder` holds one.

    Everything random in an epoch (order, augmentation, dropout) follows from `seed` and the
    epoch's number: a training that was interrupted ends with the history of one that was not.

    Returns:
        The model with the weights of the epoch of lowest validation loss; of the last epoch
        without validation clips. With `config.ema`, the moving average of these.

    Raises:
        RunError: The loss is not finite.
        DataError: Prepared clips cannot be read.
    """
    make_repeatable(seed)
    resumed = load_checkpoint(folder)
    if resumed is None:
        model, progress = in_precision(config.precision, make_model), Progress([])
        model.compile(
            make_optimizer(config, train_clips.steps(config.batch_size)),
            keras.losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=config.label_smoothing
            ),
            metrics=["accuracy"],
        )
    else:
        model, progress = resumed
        part = f" and {progress.steps} batches" if progress.steps else ""
        say(f"  going on after epoch {progress.epoch} of {config.epochs}{part}")
    if config.early_stopping is not None and validation_clips is None:
        raise RunError(
            "training.early_stopping needs validation clips",
            fix="set data.validation_fraction above 0 or leave early_stopping out",
        )
    validation_size = max(config.batch_size, _VALIDATION_BATCH)
    install_step_functions(
        model,
        choose(model, config, config.epochs * train_clips.steps(config.batch_size)),
        choose(
            model,
            config,
            0
            if validation_clips is None
            else config.epochs * validation_clips.steps(validation_size),
        ),
        batch_size=config.batch_size,
        evaluation_batch_size=validation_size,
    )
    while progress.epoch < config.epochs and not _stalled(progress, config):
        row = _epoch(
            model, train_clips, validation_clips, config, augmentation, seed, progress, folder
        )
        loss = row.get("val_loss", row["loss"])
        progress.end_epoch(row)
        if validation_clips is None or loss < progress.best_loss:
            progress.best_epoch, progress.best_loss = progress.epoch, loss
        save_checkpoint(folder, model, progress)
        write_history(history_path, progress.history)
        say(_line(row, config.epochs, progress))
    if progress.epoch < config.epochs:
        say(f"  no lower validation loss for {config.early_stopping} epochs: stopped")
    write_history(history_path, progress.history)
    if config.precision == "mixed_float16":
        # What comes after training, quantization above all, computes in full precision.
        model = in_precision("float32", make_model)
    model.load_weights(best_weights(folder))
    return model


def write_history(path: Path, history: list[dict[str, float]]) -> None:
    """Write one row an epoch as CSV."""
    write_text(path, pd.DataFrame(history).to_csv(index=False, lineterminator="\n"))


def _epoch(
    model: keras.Model,
    train_clips: ClipTable,
    validation_clips: ClipTable | None,
    config: TrainingConfig,
    augmentation: Sequence[BatchAugmentation],
    seed: int,
    progress: Progress,
    folder: Path,
) -> dict[str, float]:
    """Train the rest of the epoch that `progress` stands in, in parts that a checkpoint ends."""
    epoch, steps = progress.epoch + 1, train_clips.steps(config.batch_size)
    rate = progress.sums.get("learning_rate", float(np.asarray(model.optimizer.learning_rate)))
    progress.sums["learning_rate"] = rate
    with bar(f"epoch {epoch}/{config.epochs}", steps) as advance:
        advance(progress.steps)
        while progress.steps < steps:
            start, first = time.monotonic(), progress.steps
            end = min(first + (config.checkpoint_steps or steps), steps)
            seed_generators(model, seed, epoch, first)
            batches = train_clips.batches(
                config.batch_size,
                augmentation=augmentation,
                seed=seed,
                epoch=epoch,
                first_batch=first,
            ).take(end - first)
            watch = _Watch(advance, first)
            with _read_errors(train_clips):
                fitted = model.fit(batches, shuffle=False, verbose=0, callbacks=[watch])
            clips = min(end * config.batch_size, len(train_clips)) - first * config.batch_size
            progress.add(clips, **{name: float(fitted.history[name][-1]) for name in _MEASURES})
            progress.steps = end
            progress.sums["seconds"] = progress.sums.get("seconds", 0.0) + time.monotonic() - start
            if end < steps:
                save_checkpoint(folder, model, progress)
    start = time.monotonic()
    row = {"epoch": epoch, "learning_rate": rate}
    row |= {name: progress.mean(name) for name in _MEASURES}
    if validation_clips is not None:
        held_out = validation_clips.batches(max(config.batch_size, _VALIDATION_BATCH))
        with _read_errors(validation_clips), averaged_weights(model):
            scores = model.evaluate(held_out, verbose=0, return_dict=True)
        if not math.isfinite(scores["loss"]):
            raise RunError(
                f"the validation loss became {scores['loss']} in epoch {epoch}", fix=_LOSS_FIX
            )
        row |= {f"val_{name}": float(scores[name]) for name in _MEASURES}
    row["seconds"] = round(progress.sums["seconds"] + time.monotonic() - start, 3)
    return row


def _stalled(progress: Progress, config: TrainingConfig) -> bool:
    """Whether the validation loss has stopped to fall."""
    patience = config.early_stopping
    return patience is not None and progress.epoch - progress.best_epoch >= patience


@contextlib.contextmanager
def _read_errors(clips: ClipTable) -> Iterator[None]:
    """Give the error of a clip that could not be read instead of TensorFlow's."""
    try:
        yield
    except Exception as error:
        if clips.failure is not None:
            raise clips.failure from error
        raise


class _Watch(keras.callbacks.Callback):
    """Moves the bar, and stops at the first loss that is not finite."""

    def __init__(self, advance: Callable[..., None], first: int):
        super().__init__()
        self._advance, self._first = advance, first

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        loss = float((logs or {}).get("loss", 0.0))
        if not math.isfinite(loss):
            raise RunError(
                f"the training loss became {loss} at batch {self._first + batch + 1}",
                fix=_LOSS_FIX,
            )
        self._advance(1, f"loss {loss:.3f}")


def _line(row: dict[str, float], epochs: int, progress: Progress) -> str:
    text = f"  epoch {progress.epoch}/{epochs}  loss {row['loss']:.4f}"
    if "val_loss" in row:
        text += f"  val_loss {row['val_loss']:.4f}  val_accuracy {row['val_accuracy']:.3f}"
        text += "  *" if progress.best_epoch == progress.epoch else ""
    return f"{text}  ({row['seconds']:.1f} s)"
