"""What is trained: the network itself, or a distiller around it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras

from dssd_tf.training.config import TrainingConfig
from dssd_tf.training.optimizer import make_optimizer
from dssd_tf.training.precision import in_precision

if TYPE_CHECKING:
    from dssd_tf.training.distillation.config import DistillationConfig


@dataclass(frozen=True)
class Teaching:
    """What a student learns from beside its labels; stored logits come with the clips.

    Args:
        config: The recipe's part.
        classes: The scenes, in the order of the network's outputs.
        teachers: Those of `config.teachers`, loaded.
    """

    config: "DistillationConfig"
    classes: Sequence[str]
    teachers: Sequence[keras.Model] = ()


def begin(
    make_model: Callable[[], keras.Model],
    config: TrainingConfig,
    steps_per_epoch: int,
    teaching: Teaching | None,
    seed: int,
) -> keras.Model:
    """A new network, or a distiller around it, compiled for `fit`.

    Args:
        make_model: Makes the network, whose output is logits.
        config: The training.
        steps_per_epoch: Steps of the optimizer an epoch.
        teaching: For a distiller; None: labels alone.
        seed: Of the distiller.

    Raises:
        ModelError: Network, teachers and classes do not fit together.
    """
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=config.label_smoothing
    )

    def make() -> keras.Model:
        if teaching is None:
            return make_model()
        from dssd_tf.training.distillation.make_distiller import make_distiller

        return make_distiller(
            teaching.config,
            make_model(),
            teaching.teachers,
            classes=teaching.classes,
            student_loss=loss,
            epochs=config.epochs,
            steps_per_epoch=steps_per_epoch,
            seed=seed,
        )

    # The distiller too: its policy tells Keras to scale the loss.
    model = in_precision(config.precision, make)
    model.compile(
        make_optimizer(config, steps_per_epoch),
        loss if teaching is None else None,
        metrics=[keras.metrics.CategoricalAccuracy("accuracy")],
    )
    # A step that makes variables, be they a metric's or the optimizer's, is traced twice.
    model.optimizer.build(model.trainable_variables)
    return model


def give_teachers(model: Any, teaching: Teaching | None) -> None:
    """Give a distiller that was read from a checkpoint its live teachers back.

    Raises:
        ModelError: They are not as many as it was made with.
    """
    if teaching is not None:
        model.attach_teachers(teaching.teachers)


def network_of(model: Any) -> keras.Model:
    """The network in what is trained: a distiller's student, or the model itself."""
    return getattr(model, "student", model)
