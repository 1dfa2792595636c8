"""A .tflite file that computes as the float model does."""

from typing import Any

import keras

from dssd_tf.quantization.converter import convert
from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.export import slimmed


def convert_float32(model: keras.Model) -> bytes:
    """A slim .tflite flatbuffer in deploy form: float in, out and inside, batch 1.

    Raises:
        ModelError: The model has no deploy form, or the converter refuses it.
    """

    def configure(converter: Any) -> None:
        # The default would store the weights in eight bits.
        converter.optimizations = []

    return slimmed(convert(deploy_form(model), "float32", configure), model.name)
