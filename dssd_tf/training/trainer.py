"""The epoch loop."""

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

import dssd_tf.layers  # noqa: F401  (registered, so that a checkpoint can be read)
from dssd_tf.augmentation import BatchAugmentation
from dssd_tf.errors import RunError
from dssd_tf.files import write_text
from dssd_tf.progress import bar, say
from dssd_tf.training.averaging import averaged_weights
from dssd_tf.training.checkpoint import (
    Progress,
    best_weights,
    checkpoint_place,
    load_checkpoint,
    save_checkpoint,
)
from dssd_tf.training.clip_table import ClipTable
from dssd_tf.training.computation import choose
from dssd_tf.training.config import TrainingConfig
from dssd_tf.training.devices import strategy_for
from dssd_tf.training.distributed.meeting import meet_workers
from dssd_tf.training.distributed.replica_loop import ReplicaLoop
from dssd_tf.training.keras_loop import KerasLoop
from dssd_tf.training.precision import in_precision
from dssd_tf.training.repeatability import make_repeatable, seed_generators
from dssd_tf.training.start import Teaching, begin, give_teachers, network_of
from dssd_tf.training.step_functions import install_step_functions
from dssd_tf.training.tensorboard import require_tensorboard, write_scalars

_VALIDATION_BATCH = 64
_LOSS_FIX = "lower training.optimizer.learning_rate or set training.optimizer.clip_norm"


def train(
    make_model: Callable[[], keras.Model],
    train_clips: ClipTable,
    validation_clips: ClipTable | None,
    config: TrainingConfig,
    *,
    augmentation: Sequence[BatchAugmentation] = (),
    teaching: Teaching | None = None,
    seed: int,
    folder: Path,
    history_path: Path,
) -> keras.Model:
    """Train to the end, going on from the last checkpoint if `folder` holds one.

    Everything random in an epoch (order, augmentation, dropout) follows from `seed` and the
    epoch's number: a training that was interrupted ends with the history of one that was not.

    Returns:
        The network with the weights of the epoch of lowest validation loss; of the last epoch
        without validation clips. With `config.ema`, the moving average of these. With
        `teaching`, the loss of an epoch is that of the distiller, the validation loss that of
        the network alone.

    Raises:
        RunError: The loss is not finite.
        DataError: Prepared clips cannot be read.
        ModelError: Network, teachers and classes do not fit together.
    """
    if config.tensorboard:
        require_tensorboard()
    strategy = strategy_for(config.devices)
    make_repeatable(seed)
    # The chief may have had to clear the folder first.
    meet_workers(strategy)
    meet_workers(strategy, *checkpoint_place(folder))
    with contextlib.nullcontext() if strategy is None else strategy.scope():
        resumed = load_checkpoint(folder)
        if resumed is None:
            steps = train_clips.steps(config.batch_size)
            model, progress = begin(make_model, config, steps, teaching, seed), Progress([])
        else:
            model, progress = resumed
            give_teachers(model, teaching)
    loop = KerasLoop(model) if strategy is None else _replica_loop(model, strategy, config)
    if resumed is not None:
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
    if progress.epoch < config.epochs:
        say("  the first step compiles the network, which may take a minute")
    while progress.epoch < config.epochs and not _stalled(progress, config):
        row = _epoch(
            model, loop, train_clips, validation_clips, config, augmentation, seed, progress, folder
        )
        loss = row.get("val_loss", row["loss"])
        progress.end_epoch(row)
        if validation_clips is None or loss < progress.best_loss:
            progress.best_epoch, progress.best_loss = progress.epoch, loss
        if loop.worker == 0:
            save_checkpoint(folder, model, progress)
            write_history(history_path, progress.history)
        if config.tensorboard and loop.worker == 0:
            write_scalars(folder.parent / "tensorboard", progress.history, progress.epoch - 1)
        say(progress.line(config.epochs))
    if progress.epoch < config.epochs:
        say(f"  no lower validation loss for {config.early_stopping} epochs: stopped")
    if loop.worker == 0:
        write_history(history_path, progress.history)
    meet_workers(strategy)
    if config.precision == "mixed_float16" or strategy is not None:
        # What comes after training, quantization above all, computes in full precision, and on
        # one device.
        half = config.precision == "mixed_float16"
        model = in_precision("float32" if half else config.precision, make_model)
    network = network_of(model)
    network.load_weights(best_weights(folder))
    return network


def write_history(path: Path, history: list[dict[str, float]]) -> None:
    """Write one row an epoch as CSV."""
    write_text(path, pd.DataFrame(history).to_csv(index=False, lineterminator="\n"))


def _epoch(
    model: keras.Model,
    loop: KerasLoop | ReplicaLoop,
    train_clips: ClipTable,
    validation_clips: ClipTable | None,
    config: TrainingConfig,
    augmentation: Sequence[BatchAugmentation],
    seed: int,
    progress: Progress,
    folder: Path,
) -> dict[str, float]:
    """Train the rest of the epoch that `progress` stands in, in parts that a checkpoint ends."""
    epoch, sizes = progress.epoch + 1, train_clips.sizes(config.batch_size)
    steps = len(sizes)
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
                part=loop.part,
                worker=loop.worker,
            ).take(end - first)
            with _read_errors(train_clips):
                means = loop.fit(batches, sizes[first:end], _watch(advance, first))
            progress.add(sum(sizes[first:end]), **means)
            progress.steps = end
            progress.sums["seconds"] = progress.sums.get("seconds", 0.0) + time.monotonic() - start
            if end < steps and loop.worker == 0:
                save_checkpoint(folder, model, progress)
    start = time.monotonic()
    row = {"epoch": epoch, "learning_rate": rate}
    row |= {name: progress.mean(name) for name in progress.measures}
    if validation_clips is not None:
        size = max(config.batch_size, _VALIDATION_BATCH)
        held_out = validation_clips.batches(size, part=loop.part)
        with _read_errors(validation_clips), averaged_weights(model):
            scores = loop.evaluate(held_out, validation_clips.sizes(size))
        if not math.isfinite(scores["loss"]):
            raise RunError(
                f"the validation loss became {scores['loss']} in epoch {epoch}", fix=_LOSS_FIX
            )
        row |= {f"val_{name}": value for name, value in scores.items()}
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


def _watch(advance: Callable[..., None], first: int) -> Callable[[int, float], None]:
    """Moves the bar, and stops at the first loss that is not finite."""

    def on_batch(batch: int, loss: float) -> None:
        if not math.isfinite(loss):
            raise RunError(
                f"the training loss became {loss} at batch {first + batch + 1}", fix=_LOSS_FIX
            )
        advance(1, f"loss {loss:.3f}")

    return on_batch


def _replica_loop(model: keras.Model, strategy: Any, config: TrainingConfig) -> ReplicaLoop:
    return ReplicaLoop(model, strategy, "convolution" if config.form == "auto" else config.form)
