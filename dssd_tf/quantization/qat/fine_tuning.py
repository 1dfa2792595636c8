"""The epoch loop of a quantization-aware fine-tuning."""

import math
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dssd_tf.augmentation import BatchAugmentation
from dssd_tf.errors import RunError
from dssd_tf.progress import bar, say
from dssd_tf.quantization.config import FineTuningConfig
from dssd_tf.quantization.qat.calibration import set_weight_ranges
from dssd_tf.quantization.qat.checkpoint import assign_all, best_arrays, load_state, save_state
from dssd_tf.quantization.qat.losses import FineTuningLoss
from dssd_tf.quantization.qat.structure import trained_parts
from dssd_tf.quantization.qat.twin import Twin
from dssd_tf.training.checkpoint import Progress
from dssd_tf.training.clip_table import ClipTable
from dssd_tf.training.distillation.elements import split_inputs
from dssd_tf.training.repeatability import make_repeatable
from dssd_tf.training.trainer import write_history

_VALIDATION_BATCH = 64
_FIX = "lower quantization.fine_tuning.learning_rate"


def fine_tune(
    twin: Twin,
    train_clips: ClipTable,
    validation_clips: ClipTable | None,
    config: FineTuningConfig,
    loss: FineTuningLoss,
    *,
    batch_size: int,
    augmentation: Sequence[BatchAugmentation] = (),
    epochs_before: int = 0,
    seed: int,
    identity: str,
    folder: Path,
    history_path: Path,
) -> Progress:
    """Train a calibrated twin to the end, going on from the last state if `folder` holds one.

    The float twin is the teacher and sees the same augmented batch. Everything random in an epoch
    follows from `seed` and its number, so one that was interrupted ends with the same numbers.

    The twin gets the weights of the epoch of lowest validation loss; of the last epoch without
    validation clips.

    Args:
        twin: Calibrated; it is changed.
        train_clips: With stored logits and weights, where there are any.
        validation_clips: What chooses the epoch.
        config: Epochs, learning rate, observers.
        loss: What is minimised.
        batch_size: Clips a step.
        augmentation: The recipe's, prepared.
        epochs_before: Epochs of the float training; the augmentation counts on from there.
        seed: Of order and augmentation.
        identity: Of twin and settings; a state of another is dropped.
        folder: Where the states lie.
        history_path: CSV file, one row an epoch.

    Raises:
        RunError: The loss is not finite, or a state cannot be read.
        DataError: Prepared clips cannot be read.
    """
    make_repeatable(seed)
    trained = trained_parts(twin)
    rate = _rate(config, train_clips.steps(batch_size))
    optimizer = _optimizer(twin, rate, config.clip_norm)
    variables = {"weights": twin.model.weights, "optimizer": optimizer.variables}
    progress = load_state(folder, identity, variables)
    if progress is None:
        shutil.rmtree(folder, ignore_errors=True)
        progress = Progress([])
    elif progress.epoch < config.epochs:
        say(f"  going on after epoch {progress.epoch} of {config.epochs}")
    step = _step(twin, optimizer, loss, trained)
    while progress.epoch < config.epochs:
        epoch = progress.epoch + 1
        twin.ranges.observing.assign(epoch <= config.observed_epochs)
        start = time.monotonic()
        row = {"epoch": epoch, "learning_rate": float(rate(optimizer.iterations))}
        batches = train_clips.batches(
            batch_size, augmentation=augmentation, seed=seed, epoch=epochs_before + epoch
        )
        sizes = train_clips.sizes(batch_size)
        row |= _pass(step, batches, sizes, f"epoch {epoch}/{config.epochs}", train_clips)
        # The ranges of the weights were set before the last step changed them.
        set_weight_ranges(twin)
        if validation_clips is not None:
            row |= _validate(twin, validation_clips)
        row["seconds"] = round(time.monotonic() - start, 3)
        progress.end_epoch(row)
        measure = row.get("val_loss", row["loss"])
        if validation_clips is None or measure < progress.best_loss:
            progress.best_epoch, progress.best_loss = epoch, measure
        save_state(folder, identity, variables, progress)
        write_history(history_path, progress.history)
        say(progress.line(config.epochs))
    write_history(history_path, progress.history)
    assign_all(twin.model.weights, best_arrays(folder))
    return progress


def _rate(config: FineTuningConfig, steps_per_epoch: int) -> Any:
    """The learning rate as a function of the step."""
    import tf_keras

    final = min(config.final_learning_rate / config.learning_rate, 1.0)
    return tf_keras.optimizers.schedules.CosineDecay(
        config.learning_rate, config.epochs * steps_per_epoch, alpha=final
    )


def _optimizer(twin: Twin, rate: Any, clip_norm: float | None) -> Any:
    import tf_keras

    optimizer = tf_keras.optimizers.Adam(rate, global_clipnorm=clip_norm)
    optimizer.build(twin.model.trainable_variables)
    return optimizer


def _step(
    twin: Twin, optimizer: Any, loss: FineTuningLoss, trained: Sequence[Any]
) -> Callable[..., dict[str, Any]]:
    """One step on a batch: what it gave, each a number."""
    import tensorflow as tf

    variables = twin.model.trainable_variables

    @tf.function(reduce_retracing=True, autograph=False)
    def step(inputs: Any, labels: Any, weight: Any = None) -> dict[str, Any]:
        x, stored = split_inputs(inputs)
        teacher = twin.plain(x, training=False)
        with tf.GradientTape() as tape:
            logits = twin.model(x, training=True)
            parts = loss(labels, logits, teacher, stored, weight)
        gradients = tape.gradient(parts["loss"], variables)
        # Where a gradient is always 0, Adam moves nothing.
        gradients = [part * mask for part, mask in zip(gradients, trained, strict=True)]
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        twin.ranges.unite()
        return {**parts, "accuracy": _accuracy(labels, logits)}

    return step


def _pass(
    step: Callable[..., dict[str, Any]],
    batches: Any,
    sizes: Sequence[int],
    title: str,
    clips: ClipTable,
) -> dict[str, float]:
    """Train one pass; the mean over clips of what the steps gave."""
    sums: dict[str, float] = {}
    with bar(title, len(sizes)) as advance:
        elements = iter(batches)
        for number, size in enumerate(sizes, start=1):
            try:
                element = next(elements)
            except Exception as error:
                if clips.failure is not None:
                    raise clips.failure from error
                raise
            found = {name: float(value) for name, value in step(*element).items()}
            if not math.isfinite(found["loss"]):
                raise RunError(
                    f"the loss of the fine-tuning became {found['loss']} at batch {number}",
                    fix=_FIX,
                )
            for name, value in found.items():
                sums[name] = sums.get(name, 0.0) + value * size
            advance(1, f"loss {found['loss']:.3f}")
    first = ("loss", "accuracy")
    names = [*first, *(name for name in sums if name not in first)]
    return {name: sums[name] / sum(sizes) for name in names}


def _validate(twin: Twin, clips: ClipTable) -> dict[str, float]:
    """Cross-entropy and accuracy of the rounding twin."""
    import tensorflow as tf

    losses, hits = [], []
    for inputs, labels, *_ in clips.batches(_VALIDATION_BATCH):
        logits = twin.model(split_inputs(inputs)[0], training=False)
        losses.append(np.asarray(tf.nn.softmax_cross_entropy_with_logits(labels, logits)))
        hits.append(np.asarray(tf.argmax(labels, 1) == tf.argmax(logits, 1)))
    loss = float(np.concatenate(losses).mean())
    if not math.isfinite(loss):
        raise RunError(f"the validation loss of the fine-tuning became {loss}", fix=_FIX)
    return {"val_loss": loss, "val_accuracy": float(np.concatenate(hits).mean())}


def _accuracy(labels: Any, logits: Any) -> Any:
    import tensorflow as tf

    hits = tf.argmax(labels, 1) == tf.argmax(logits, 1)
    return tf.reduce_mean(tf.cast(hits, tf.float32))
