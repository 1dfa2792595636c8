"""Measure a model, whatever form it comes in."""

from pathlib import Path
from typing import Any

from dssd_tf.complexity.complexity import Complexity
from dssd_tf.errors import ModelError


def measure(model_or_path: Any, *, input_shape: Any = None) -> Complexity:
    """Count parameters, bytes, multiply-adds and activation memory of a model at batch 1.

    Args:
        model_or_path: A Keras 3 model or layer, or the path of a ``.keras`` or ``.tflite`` file.
            A model that is not built yet is built.
        input_shape: Shape of the input without the batch, for a Keras model that leaves axes
            open; for several inputs the shapes in the structure of the model's inputs. A
            ``.tflite`` file has fixed shapes, which are checked against it if it is given.

    Raises:
        ModelError: The file is missing, damaged or of another kind, the object is not a Keras 3
            model, or its input shape is open or does not fit.
    """
    if not isinstance(model_or_path, str | Path):
        from dssd_tf.complexity.keras_counter import count_keras

        return count_keras(model_or_path, input_shape=input_shape)
    path = Path(model_or_path)
    if path.suffix.lower() not in (".keras", ".tflite"):
        raise ModelError(
            f"is not a model file this counter reads (suffix {path.suffix!r})",
            path=path,
            fix="give a .keras or a .tflite file",
        )
    if not path.is_file():
        raise ModelError("no such model file", path=path, fix="check the path or train first")
    if path.suffix.lower() == ".tflite":
        from dssd_tf.complexity.tflite_counter import count_tflite

        return count_tflite(path, input_shape=input_shape)
    from dssd_tf.complexity.keras_counter import count_keras
    from dssd_tf.models import load_model

    model = load_model(path)
    try:
        return count_keras(model, input_shape=input_shape, path=path)
    except ModelError as error:
        if error.path is not None:
            raise
        raise ModelError(error.problem, path=path, fix=error.fix) from error
