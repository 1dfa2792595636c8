"""A distiller from its configuration."""

from collections.abc import Sequence
from typing import Any

import keras

from dssd_tf.training.distillation.coarse_loss import CoarseLoss
from dssd_tf.training.distillation.config import DistillationConfig
from dssd_tf.training.distillation.distiller import Distiller
from dssd_tf.training.distillation.feature_distillation import FeatureDistillation
from dssd_tf.training.distillation.weight_schedule import WeightSchedule


def make_distiller(
    config: DistillationConfig,
    student: keras.Model,
    teachers: Sequence[keras.Model],
    *,
    classes: Sequence[str],
    student_loss: keras.losses.Loss | None = None,
    epochs: int,
    steps_per_epoch: int,
    seed: int = 0,
) -> Distiller:
    """Put a student and its loaded teachers together as `config` says.

    Args:
        config: The recipe's part.
        student: Network whose output is logits.
        teachers: Those of `config.teachers`, loaded.
        classes: The scenes, in the order of the outputs.
        student_loss: Of labels and logits; None: categorical cross-entropy.
        epochs: Of the training, for the schedule of the weight.
        steps_per_epoch: Steps of the optimizer an epoch.
        seed: Of the order of projections.

    Raises:
        ModelError: Networks, layers, classes and terms do not fit together.
    """
    coarse = config.coarse
    return Distiller(
        student,
        teachers,
        teacher_weights=config.teacher_weights,
        average=config.average,
        temperature=config.temperature,
        distillation_weight=_weight(config, epochs, steps_per_epoch),
        student_loss=student_loss,
        distillation_loss=config.loss,
        feature_distillation=[FeatureDistillation(**pair.model_dump()) for pair in config.features],
        coarse=None if coarse is None else CoarseLoss(coarse.membership(classes).tolist()),
        coarse_weight=1.0 if coarse is None else coarse.weight,
        combine=config.combine,
        seed=seed,
    )


def _weight(config: DistillationConfig, epochs: int, steps_per_epoch: int) -> Any:
    schedule = config.schedule
    if schedule.name == "constant":
        return config.weight
    steps = max(1, round((schedule.epochs or epochs) * steps_per_epoch))
    return WeightSchedule(schedule.start, config.weight, steps, schedule.name)
