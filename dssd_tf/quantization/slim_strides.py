"""Average pools over time alone as what they are: depthwise convolutions with unequal strides.

TensorFlow cannot write those, so the deploy form puts neighbouring rows side by side and reads
them with a wide dilation. Runtimes know unequal strides: in the file a pool is one operator,
the same to the bit.
"""

import copy
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from dssd_tf.quantization.flatbuffer import code_of

_CODES = schema.BuiltinOperator


def merge_strides(model: Any, graph: Any) -> None:
    """Put one strided operator in the place of each such pool."""
    writers = {int(index): operator for operator in graph.operators for index in operator.outputs}
    for operator in list(graph.operators):
        if code_of(model, operator) == _CODES.DEPTHWISE_CONV_2D:
            _rows_side_by_side(model, graph, operator, writers)


def _rows_side_by_side(model: Any, graph: Any, pool: Any, writers: dict[int, Any]) -> None:
    """Reshape (T, F) to (T / k, k F), then k taps F apart: k taps and stride k over time."""
    options = pool.builtinOptions
    rows = writers.get(int(pool.inputs[0]))
    if rows is None or code_of(model, rows) != _CODES.RESHAPE or not _sole(graph, pool.inputs[0]):
        return
    kernel = graph.tensors[pool.inputs[1]]
    if model.buffers[kernel.buffer].data is None:
        return  # a kernel that is computed, as from float16
    taps = int(kernel.shape[2])
    before, after = (graph.tensors[o].shape for o in (rows.inputs[0], rows.outputs[0]))
    if not (len(before) == len(after) == 4 and before[0] == after[0] and before[3] == after[3]):
        return
    sides = after[1] * taps == before[1] and after[2] == before[2] * taps
    one_row = kernel.shape[1] == 1 and options.dilationWFactor == before[2]
    plain = options.strideH == options.strideW == 1 and options.padding == schema.Padding.VALID
    if not (sides and one_row and plain) or taps < 2:
        return
    # Pools of the same width may share their kernel.
    upright = copy.deepcopy(kernel)
    upright.shape = np.array([1, taps, 1, kernel.shape[3]], "int32")
    graph.tensors.append(upright)
    options.dilationWFactor = options.dilationHFactor = 1
    options.strideH, options.strideW = taps, 1
    source = int(rows.inputs[0])
    crop = writers.get(source)
    if crop is not None and _drops_last_rows(model, graph, crop, taps) and _sole(graph, source):
        # Without padding the rows beyond the last whole step are left out anyway.
        graph.operators.remove(crop)
        source = int(crop.inputs[0])
    graph.operators.remove(rows)
    pool.inputs = np.array([source, len(graph.tensors) - 1, *pool.inputs[2:]], "int32")


def _drops_last_rows(model: Any, graph: Any, crop: Any, taps: int) -> bool:
    if code_of(model, crop) != _CODES.STRIDED_SLICE:
        return False
    before, after = (graph.tensors[o].shape for o in (crop.inputs[0], crop.outputs[0]))
    steps = _constant(model, graph, crop.inputs[3])
    starts = _constant(model, graph, crop.inputs[1])
    if steps is None or starts is None or len(before) != 4 or len(after) != 4:
        return False
    from_start = [
        not start or crop.builtinOptions.beginMask >> axis & 1 for axis, start in enumerate(starts)
    ]
    same = all(before[axis] == after[axis] for axis in (0, 2, 3))
    return bool(
        all(from_start) and np.all(steps == 1) and same and before[1] // taps * taps == after[1]
    )


def _constant(model: Any, graph: Any, index: int) -> np.ndarray | None:
    data = model.buffers[graph.tensors[index].buffer].data
    return None if data is None else np.asarray(data, np.uint8).view("<i4")


def _sole(graph: Any, index: int) -> bool:
    """Whether one operator reads a tensor, and nobody outside."""
    reads = [int(read) for operator in graph.operators for read in operator.inputs]
    return reads.count(int(index)) == 1 and int(index) not in list(graph.outputs)
