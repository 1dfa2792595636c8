"""Whether a model fits the features and classes it is used with."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dssd_tf.errors import ModelError

if TYPE_CHECKING:
    import keras

    from dssd_tf.presets.config import PresetConfig


def require_input(
    shape: Sequence[int | None], features: tuple[int, int, int], path: Path | str | None
) -> None:
    """Check a model's input against the features of a clip, both (time, frequency, channels).

    Raises:
        ModelError: They differ in a size that the model fixes.
    """
    fixed = zip(shape, features, strict=False)
    if len(shape) != 3 or any(size not in (None, found) for size, found in fixed):
        raise ModelError(
            f"takes input {tuple(shape)} (time, frequency, channels), but the features of a clip "
            f"are {features}",
            path=path,
            fix="give the features and the clip's length that the model was trained with",
        )


def require_outputs(
    outputs: int, classes: Sequence[str], coarse: Sequence[str], path: Path | str | None
) -> None:
    """Check the number of a model's outputs against its classes.

    Raises:
        ModelError: There are more or fewer.
    """
    if outputs != len(classes) + len(coarse):
        named = f"{len(classes)} classes ({', '.join(classes)})"
        named += f" and {len(coarse)} coarse classes ({', '.join(coarse)})" if coarse else ""
        raise ModelError(
            f"has {outputs} outputs, but {named} are named",
            path=path,
            fix="name one class an output, in the order of the outputs",
        )


def require_fit(model: "keras.Model", config: "PresetConfig", path: Path | str | None) -> None:
    """Check that a Keras model takes a preset's features and gives logits of its classes.

    Raises:
        ModelError: It has several inputs or outputs, their shapes do not fit, or it ends in an
            activation.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ModelError(
            f"has {len(model.inputs)} inputs and {len(model.outputs)} outputs, expected one each",
            path=path,
        )
    require_input(tuple(model.inputs[0].shape[1:]), config.input_shape, path)
    shape = tuple(model.outputs[0].shape[1:])
    if len(shape) != 1:
        raise ModelError(
            f"gives {shape} a clip, expected one logit a class",
            path=path,
            fix="build it with its classifier (include_top)",
        )
    require_outputs(shape[0], config.classes, config.coarse_classes, path)
    last = model.layers[-1]
    activation = getattr(getattr(last, "activation", None), "__name__", "linear")
    if type(last).__name__ == "Softmax" or activation in {"softmax", "sigmoid", "log_softmax"}:
        raise ModelError(
            f"ends in {activation if activation != 'linear' else 'softmax'}, expected logits",
            path=path,
            fix="build it with classifier_activation=None",
        )
