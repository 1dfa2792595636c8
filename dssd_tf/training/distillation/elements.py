"""How stored teacher logits travel through `keras.Model.fit`."""

from typing import Any

from dssd_tf.augmentation import Batch


def fit_element(batch: Batch) -> tuple[Any, ...]:
    """A batch as an element of a dataset for `Distiller.fit`: (inputs, labels[, weight]).

    Stored logits go with the inputs, ``{"x": …, "teacher": …}``, not with the labels: Keras
    refuses `class_weight` where labels are a dictionary. A batch without ``teacher`` gives
    plain inputs.

    Args:
        batch: ``x``, ``y``, and where there are any ``teacher``, (batch, classes) or (batch,
            teachers, classes), and ``weight``, (batch,); other entries are left out.
    """
    inputs = batch["x"]
    if "teacher" in batch:
        inputs = {"x": inputs, "teacher": batch["teacher"]}
    return (inputs, batch["y"], batch["weight"]) if "weight" in batch else (inputs, batch["y"])


def split_inputs(inputs: Any) -> tuple[Any, Any]:
    """(x, stored logits or None) from the inputs of `fit_element`."""
    if isinstance(inputs, dict):
        return inputs["x"], inputs.get("teacher")
    return inputs, None
