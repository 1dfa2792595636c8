"""Which weights of a twin are parameters, and which stand for structure."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.quantization.qat.twin import Twin


def trained_parts(twin: Twin) -> list[NDArray[Any]]:
    """For each trainable variable of a twin just made, 1 where it may be trained, 0 elsewhere.

    A deploy form writes structure as weights: zeros between the groups of a grouped convolution
    and in the corners of a cross-shaped kernel, equal taps for an average pool. Trained, they
    would make another network of it. So what is exactly zero stays zero, and a kernel of equal
    values stays, with its bias.
    """
    parts: dict[int, NDArray[Any]] = {}
    for layer in twin.model.layers:
        variables = layer.trainable_weights
        kernels = [np.asarray(weight) for weight, *_ in getattr(layer, "_weight_vars", [])]
        constant = any(kernel.size > 1 and np.ptp(kernel) == 0 for kernel in kernels)
        for variable in variables:
            value = np.asarray(variable)
            is_kernel = any(variable is weight for weight, *_ in layer._weight_vars)
            trained = (value != 0) if is_kernel else np.ones(value.shape, bool)
            parts[id(variable)] = (trained & (not constant)).astype(np.float32)
    return [parts[id(variable)] for variable in twin.model.trainable_variables]
