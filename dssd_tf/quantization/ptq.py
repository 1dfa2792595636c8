"""Post-training quantization to full int8."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import ModelError
from dssd_tf.quantization.converter import convert
from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.export import finish_int8


def quantize_ptq(model: keras.Model, calibration: NDArray[np.float32]) -> bytes:
    """A slim full-int8 .tflite flatbuffer of `model` in deploy form: int8 in and out, batch 1.

    Weights have one scale a channel, those of dense layers one scale.

    Args:
        model: A Keras 3 model with one input (batch, time, frequency, channels).
        calibration: Features (clips, time, frequency, channels) that set the ranges.

    Raises:
        ModelError: The calibration features do not fit the model, the converter refuses the
            model, or a float tensor is left in the result.
    """
    import tensorflow as tf

    deployed = deploy_form(model)
    _check_calibration(model.name, calibration, (1, *model.inputs[0].shape[1:]))

    def representative() -> Iterator[list[Any]]:
        for clip in calibration:
            yield [clip[None].astype(np.float32)]

    def configure(converter: Any) -> None:
        converter.representative_dataset = representative
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        # Microcontrollers' kernels of dense layers know one scale, and it takes fewer bytes.
        converter._experimental_disable_per_channel_quantization_for_dense_layers = True
        converter.inference_input_type = converter.inference_output_type = tf.int8

    return finish_int8(convert(deployed, "int8", configure), model.name)


def _check_calibration(
    name: str, calibration: NDArray[np.float32], shape: tuple[int | None, ...]
) -> None:
    # The converter takes other shapes and NaN without a word, and learns wrong ranges from them.
    if calibration.shape[1:] != shape[1:] or len(calibration) == 0:
        raise ModelError(
            f"{name}: calibration features have shape {calibration.shape}",
            fix=f"give at least one clip of shape {shape[1:]}; every axis must be fixed",
        )
    broken = ~np.isfinite(calibration).all(axis=tuple(range(1, calibration.ndim)))
    if broken.any():
        raise ModelError(
            f"{name}: calibration clip {int(broken.argmax())} holds NaN or infinity",
            fix="leave it out or compute its features again",
        )
