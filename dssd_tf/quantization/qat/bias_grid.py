"""Biases as the runtime has them: 32-bit integers."""

import numpy as np

from dssd_tf.quantization.qat.twin import Twin


def settle_biases(twin: Twin) -> None:
    """Round each bias to what the .tflite file will hold; afterwards twin and file have the same.

    The file's bias is a multiple of the input's scale times the kernel's. That step can be a
    hundredth of one of the output: not enough to train with it, but enough to turn the rounding
    of some values, layer after layer.

    Args:
        twin: Calibrated and trained; the biases of the twin that rounds are changed.
    """
    for index, primitive in enumerate(twin.primitives):
        if len(primitive.weights) < 2:
            continue
        layer = twin.model.get_layer(twin.layer_names[index])
        ((_, _, kernel_range),) = layer._weight_vars
        step = _input_scale(twin, primitive.inputs[0]) * np.asarray(kernel_range["max"]) / 127
        bias = layer.layer.bias
        bias.assign(np.round(np.asarray(bias) / step) * step)


def _input_scale(twin: Twin, index: int) -> float:
    """Real value of one step of a primitive's output."""
    group = twin.plan.group[index]
    if group is None:
        return _input_scale(twin, twin.primitives[index].inputs[0])
    if group in twin.plan.fixed:
        low, high = twin.plan.fixed[group]
    else:
        ends = twin.ranges.shared[group]
        low, high = float(ends["min"]), float(ends["max"])
    return (high - low) / 255
