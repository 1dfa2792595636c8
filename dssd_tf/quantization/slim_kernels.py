"""Kernels and scales of a .tflite graph in a form that takes fewer bytes for the same numbers."""

import math
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from dssd_tf.quantization.flatbuffer import code_of

GROUPED_OUTPUTS = 4096
"""Largest output, in elements, whose convolution is grouped: grouped kernels are slower."""


def group_kernels(model: Any, graph: Any) -> None:
    """Full 1x1 kernels with zeros outside the groups of an output channel become grouped ones."""
    for operator in graph.operators:
        if code_of(model, operator) != schema.BuiltinOperator.CONV_2D:
            continue
        tensor = graph.tensors[operator.inputs[1]]
        data = model.buffers[tensor.buffer].data
        if tensor.type != schema.TensorType.INT8 or data is None or _readers(graph, tensor) > 1:
            continue
        filters, height, width, channels = (int(size) for size in tensor.shape)
        if (height, width) != (1, 1) or filters == 1 or channels % filters or channels == filters:
            continue
        if math.prod(graph.tensors[operator.outputs[0]].shape) > GROUPED_OUTPUTS:
            continue
        kernel = np.asarray(data, np.uint8).reshape(filters, channels)
        own = np.kron(np.eye(filters, dtype=bool), np.ones(channels // filters, bool))
        if kernel[~own].any():
            continue
        tensor.shape = np.array([filters, 1, 1, channels // filters], "int32")
        model.buffers.append(schema.BufferT(data=kernel[own]))
        tensor.buffer = len(model.buffers) - 1


def share_scales(model: Any, graph: Any) -> None:
    """One scale for a kernel and its bias whose channels all have the same."""
    for operator in graph.operators:
        if code_of(model, operator) not in _WITH_BIAS or len(operator.inputs) < 3:
            continue
        parts = [graph.tensors[index] for index in operator.inputs[1:3] if index >= 0]
        if len(parts) == 2 and all(
            _is_uniform(part.quantization) and _readers(graph, part) == 1 for part in parts
        ):
            for part in parts:
                part.quantization.scale = part.quantization.scale[:1]
                part.quantization.zeroPoint = part.quantization.zeroPoint[:1]
                part.quantization.quantizedDimension = 0


_WITH_BIAS = (schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.DEPTHWISE_CONV_2D)


def _is_uniform(quantization: Any) -> bool:
    if quantization is None or quantization.scale is None:
        return False
    same = np.all(quantization.scale == quantization.scale[0])
    return bool(same) and not np.any(quantization.zeroPoint)


def _readers(graph: Any, tensor: Any) -> int:
    reads = [index for operator in graph.operators for index in operator.inputs if index >= 0]
    return sum(graph.tensors[index] is tensor for index in reads)
