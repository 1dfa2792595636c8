"""The live teachers of a distillation."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from dssd_tf.errors import ModelError
from dssd_tf.training.distillation.feature_distillation import FeatureDistillation
from dssd_tf.training.distillation.feature_extractor import FeatureExtractor


class Teachers:
    """Frozen networks that see what the student sees.

    They run without training and outside any gradient; nothing of theirs is changed, not even
    `trainable`. No Keras object itself, so that the model that holds it neither trains nor saves
    them.

    Args:
        models: Networks whose output is logits.
        features: Which of their layers are read.
        student: Whose input they must take.

    Raises:
        ModelError: A teacher takes another input, lacks a layer, or features are read from a
            teacher that is not there.
    """

    def __init__(
        self,
        models: Sequence[keras.Model],
        features: Sequence[FeatureDistillation],
        student: keras.Model,
    ):
        for pair in features:
            if pair.teacher >= len(models):
                raise ModelError(
                    f"features are read from live teacher {pair.teacher}, but there are "
                    f"{len(models)}",
                    fix="give the teacher itself; stored logits have no features",
                )
        for model in models:
            _require_same_input(model, student)
        self.extractors = [
            FeatureExtractor(model, [p.teacher_layer for p in features if p.teacher == number])
            for number, model in enumerate(models)
        ]

    def __len__(self) -> int:
        return len(self.extractors)

    def __call__(self, x: Any) -> tuple[list[Any], list[dict[str, Any]]]:
        """([logits (batch, outputs)], [features by layer]) of each teacher, without gradient."""
        found = [extractor(x, training=False) for extractor in self.extractors]
        found = tf.nest.map_structure(tf.stop_gradient, found)
        return [logits for logits, _ in found], [features for _, features in found]


def stacked_logits(live: Sequence[Any], stored: Any, classes: int, outputs: int) -> Any:
    """All teachers' logits of the scenes, (batch, teachers, classes) float32; live ones first.

    Args:
        live: (batch, `classes` or `outputs`) of each live teacher.
        stored: (batch, classes), (batch, teachers, classes) or None.
        classes: Scenes, the first logits.
        outputs: Outputs of the student: scenes and coarse classes.

    Raises:
        ModelError: There is no teacher, or one has other classes.
    """
    parts = [tf.expand_dims(logits, 1) for logits in live]
    if stored is not None:
        parts.append(tf.expand_dims(stored, 1) if len(stored.shape) == 2 else stored)
    if not parts:
        raise ModelError(
            "nothing to distil from",
            fix='give a teacher, stored logits in the batch ("teacher"), or a weight of 0',
        )
    for part in parts:
        if part.shape[-1] not in (classes, outputs):
            raise ModelError(
                f"a teacher has {part.shape[-1]} logits, the student {outputs}",
                fix="take a teacher of the same classes, in the same order",
            )
    return tf.concat([tf.cast(part[..., :classes], tf.float32) for part in parts], axis=1)


def _require_same_input(teacher: keras.Model, student: keras.Model) -> None:
    if not getattr(teacher, "inputs", None) or not getattr(student, "inputs", None):
        return
    theirs, ours = teacher.inputs[0].shape[1:], student.inputs[0].shape[1:]
    pairs = zip(theirs, ours, strict=False)
    if len(theirs) != len(ours) or any(None not in pair and pair[0] != pair[1] for pair in pairs):
        raise ModelError(
            f"the teacher {teacher.name!r} takes {theirs}, the student {ours}",
            fix="use the same features for both, or store the teacher's logits",
        )
