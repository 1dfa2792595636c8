"""The optimizer and its schedule from their configuration."""

from typing import Any

import keras

from dssd_tf.training.config import TrainingConfig
from dssd_tf.training.schedule import WarmupCosine


def make_optimizer(config: TrainingConfig, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """A fresh optimizer whose schedule spans `config.epochs` of `steps_per_epoch` steps."""
    settings = config.optimizer
    rate = _schedule(config, steps_per_epoch)
    common: dict[str, Any] = {"learning_rate": rate, "global_clipnorm": settings.clip_norm}
    if config.ema is not None:
        common |= {"use_ema": True, "ema_momentum": config.ema}
    if settings.name == "adam":
        return keras.optimizers.Adam(**common)
    if settings.name == "adamw":
        return keras.optimizers.AdamW(**common, weight_decay=settings.weight_decay)
    return keras.optimizers.SGD(
        **common,
        momentum=settings.momentum,
        nesterov=settings.momentum > 0,
        weight_decay=settings.weight_decay or None,
    )


def _schedule(config: TrainingConfig, steps_per_epoch: int) -> Any:
    peak, schedule = config.optimizer.learning_rate, config.schedule
    if schedule.name == "constant":
        return peak
    steps = config.epochs * steps_per_epoch
    return WarmupCosine(
        peak,
        steps,
        final=min(schedule.final, peak),
        warmup_start=schedule.warmup_start,
        warmup_steps=min(round(schedule.warmup_epochs * steps_per_epoch), steps - 1),
    )
