"""A .tflite file with weights of 16 bits."""

from typing import Any

import keras

from dssd_tf.quantization.converter import convert
from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.export import slimmed


def quantize_float16(model: keras.Model) -> bytes:
    """A slim .tflite flatbuffer in deploy form: float in and out, weights float16, batch 1.

    The arithmetic stays float; only storage halves. No clips are needed.

    Raises:
        ModelError: The model has no deploy form, or the converter refuses it.
    """
    import tensorflow as tf

    def configure(converter: Any) -> None:
        converter.target_spec.supported_types = [tf.float16]

    return slimmed(convert(deploy_form(model), "float16", configure), model.name)
