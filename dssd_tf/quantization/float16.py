"""A .tflite file with weights of 16 bits."""

import tempfile
from pathlib import Path

import keras

from dssd_tf.errors import ModelError
from dssd_tf.native_log import silenced
from dssd_tf.quantization.deploy_form import deploy_form


def quantize_float16(model: keras.Model) -> bytes:
    """A .tflite flatbuffer of `model` in deploy form: float in and out, weights float16, batch 1.

    The arithmetic stays float; only storage halves. No clips are needed.

    Raises:
        ModelError: The model has no deploy form, or the converter refuses it.
    """
    import tensorflow as tf

    deployed = deploy_form(model)
    shape = (1, *model.inputs[0].shape[1:])
    if None in shape:
        raise ModelError(
            f"{model.name} has an input of shape {shape[1:]}",
            fix="build it with every axis fixed",
        )
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "model"
        deployed.export(
            saved,
            format="tf_saved_model",
            verbose=False,
            input_signature=[keras.InputSpec(shape=shape, dtype="float32")],
        )
        converter = tf.lite.TFLiteConverter.from_saved_model(str(saved))
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
        try:
            with silenced():
                return bytes(converter.convert())
        except Exception as error:
            raise ModelError(f"{model.name} cannot be converted to float16: {error}") from error
