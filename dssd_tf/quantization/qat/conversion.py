"""From a trained twin to an int8 flatbuffer."""

import warnings
from typing import Any

from dssd_tf.errors import ModelError
from dssd_tf.native_log import silenced
from dssd_tf.quantization.export import finish_int8
from dssd_tf.quantization.qat.twin import Twin


def convert_twin(twin: Twin) -> bytes:
    """A slim full-int8 .tflite flatbuffer of a twin: int8 in, int8 out, batch 1.

    All ranges are those of the twin: no representative set is shown to the converter, which
    would fill in ranges of its own.

    Raises:
        ModelError: The converter refuses the twin, or a float tensor is left in the result.
    """
    import tensorflow as tf

    # With an open batch, dilated depthwise convolutions become SpaceToBatch, and float.
    shape = (1, *twin.model.inputs[0].shape[1:])

    def infer(x: Any) -> Any:
        return twin.model(x, training=False)

    function = tf.function(infer, autograph=False).get_concrete_function(
        tf.TensorSpec(shape, tf.float32, name="features")
    )
    # The variables alone: given the model, it would save every layer of it, for a minute.
    holder = tf.Module()
    holder.held = list(function.variables)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], holder)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    try:
        with silenced(), warnings.catch_warnings():
            # It expects statistics of the input, which the twin's first range holds.
            warnings.simplefilter("ignore")
            content = converter.convert()
    except Exception as error:
        lines = [line for line in str(error).splitlines() if "error:" in line] or [repr(error)]
        raise ModelError(f"{twin.name} cannot be converted to int8: {lines[0]}") from error
    return finish_int8(content, twin.name)
