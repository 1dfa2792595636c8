"""From a deploy form to a .tflite flatbuffer, as the TensorFlow Lite converter gives it."""

import tempfile
from collections.abc import Callable
from typing import Any

import keras

from dssd_tf.errors import ModelError
from dssd_tf.native_log import silenced


def convert(deployed: keras.Model, form: str, configure: Callable[[Any], None]) -> bytes:
    """A flatbuffer of batch 1.

    Args:
        deployed: See `deploy_form`; its input has every axis fixed.
        form: What it is converted to, for messages.
        configure: Sets the converter's options.

    Raises:
        ModelError: An axis of the input is open, or the converter refuses the model.
    """
    import tensorflow as tf

    shape = (1, *deployed.inputs[0].shape[1:])
    if None in shape:
        raise ModelError(
            f"{deployed.name} has an input of shape {shape[1:]}",
            fix="build it with every axis fixed",
        )
    with tempfile.TemporaryDirectory() as folder:
        deployed.export(
            folder,
            format="tf_saved_model",
            verbose=False,
            input_signature=[keras.InputSpec(shape=shape, dtype="float32")],
        )
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        configure(converter)
        try:
            with silenced():
                return bytes(converter.convert())
        except Exception as error:
            raise ModelError(f"{deployed.name} cannot be converted to {form}: {error}") from error
