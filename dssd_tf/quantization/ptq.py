"""Post-training quantization to full int8."""

from collections.abc import Iterator
from typing import Any

import keras
from numpy.typing import ArrayLike

from dssd_tf.quantization.calibration_clips import calibration_clips
from dssd_tf.quantization.converter import convert
from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.export import finish_int8


def quantize_ptq(model: keras.Model, calibration: ArrayLike) -> bytes:
    """A slim full-int8 .tflite flatbuffer of `model` in deploy form: int8 in and out, batch 1.

    Weights have one scale a channel, those of dense layers one scale.

    Args:
        model: A Keras 3 model with one input (batch, time, frequency, channels), see
            `deploy_form`.
        calibration: Features (clips, time, frequency, channels) that set the ranges, as an array,
            a tensor or lists.

    Raises:
        ModelError: The calibration features do not fit the model, the converter refuses the
            model, or a float tensor is left in the result.
    """
    import tensorflow as tf

    deployed = deploy_form(model)
    clips = calibration_clips(model.name, calibration, deployed.inputs[0].shape[1:])

    def representative() -> Iterator[list[Any]]:
        for clip in clips:
            yield [clip[None]]

    def configure(converter: Any) -> None:
        converter.representative_dataset = representative
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        # Microcontrollers' kernels of dense layers know one scale, and it takes fewer bytes.
        converter._experimental_disable_per_channel_quantization_for_dense_layers = True
        converter.inference_input_type = converter.inference_output_type = tf.int8

    return finish_int8(convert(deployed, "int8", configure), model.name)
