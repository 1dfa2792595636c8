"""The complexity of a ``.tflite`` file, operator by operator."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dssd_tf.complexity.complexity import Complexity, LayerRow, LiveTensor
from dssd_tf.complexity.peak_memory import Step, peak_memory
from dssd_tf.complexity.tflite_graph import Operator, Tensor, TFLiteGraph, read_tflite
from dssd_tf.complexity.tflite_rules import NESSI_RULES, TRUE_RULES, WITHOUT_MACS, OperatorCall
from dssd_tf.errors import ModelError


def count_tflite(path: Path, *, input_shape: Any = None) -> Complexity:
    """Count a TFLite file at the shapes it holds; see `Complexity` for the rules.

    Only the main subgraph is counted; operators that call others (WHILE, IF) are reported as
    uncounted.

    Args:
        path: The file.
        input_shape: If given, what the shape of the input without the batch must be.

    Raises:
        ModelError: The file is missing, damaged, or its input has another shape.
    """
    graph = read_tflite(path)
    _check_input(path, graph, input_shape)
    try:
        return _count(path, graph)
    except (IndexError, ValueError, KeyError) as error:
        raise ModelError(
            f"holds an operator that does not fit its tensors ({error})",
            path=path,
            fix="convert the model again",
        ) from error


def _count(path: Path, graph: TFLiteGraph) -> Complexity:
    uses = [i for op in graph.operators for i in op.inputs if i >= 0 and _constant(graph, i)]
    constants = {index: graph.tensors[index] for index in uses}
    parameters = {i: tensor for i, tensor in constants.items() if _is_parameter(tensor)}
    rows, uncounted = [], []
    unseen = set(parameters)
    for operator in graph.operators:
        own = unseen.intersection(operator.inputs)
        unseen -= own
        row = _row(graph, operator, sum(parameters[index].elements for index in own))
        rows.append(row)
        if operator.kind not in TRUE_RULES and operator.kind not in WITHOUT_MACS:
            uncounted.append(f"{row.name} ({operator.kind})")
        if _folds_open_batch(graph, operator):
            uncounted.append(f"{row.name} (RESHAPE of a batch that is left open)")
    steps = [
        Step(row.name, operator.inputs, operator.outputs)
        for row, operator in zip(rows, graph.operators, strict=True)
    ]
    touched = {index for step in steps for index in (*step.inputs, *step.outputs) if index >= 0}
    unpacked = {
        index
        for operator in graph.operators
        if operator.kind == "DEQUANTIZE" and _constant(graph, operator.inputs[0])
        for index in operator.outputs
    }
    # Weights of 16 bits are unpacked once, before the first run; they are no activations.
    activations = {i: graph.tensors[i] for i in sorted(touched - set(constants) - unpacked)}
    sizes = {index: tensor.bytes for index, tensor in activations.items()}
    # What a model remembers between runs is held throughout.
    states = [index for index, tensor in activations.items() if tensor.state]
    peak = peak_memory(steps, sizes, (*graph.inputs, *states), (*graph.outputs, *states))
    return Complexity(
        source=str(path),
        kind="tflite",
        parameters=sum(tensor.elements for tensor in parameters.values()),
        parameters_nonzero=sum(tensor.nonzero for tensor in parameters.values()),
        dtypes=tuple(sorted({tensor.dtype for tensor in parameters.values()})),
        size_bytes=sum(tensor.bytes for tensor in constants.values()),
        size_bytes_nonzero=sum(tensor.nonzero_bytes for tensor in parameters.values()),
        size_bytes_nessi=sum(graph.tensors[index].bytes for index in uses),
        macs=sum(row.macs for row in rows),
        macs_torchinfo=None,
        macs_torchinfo_folded=None,
        macs_nessi_tflite=sum(row.macs_nessi_tflite or 0 for row in rows),
        peak_activation_bytes=peak.bytes,
        peak_at=peak.at,
        peak_tensors=tuple(
            LiveTensor(graph.tensors[i].name, graph.tensors[i].shape, sizes[i]) for i in peak.alive
        ),
        activation_dtypes=tuple(sorted({tensor.dtype for tensor in activations.values()})),
        file_bytes=path.stat().st_size,
        uncounted=tuple(uncounted),
        layers=tuple(rows),
    )


def _constant(graph: TFLiteGraph, index: int) -> bool:
    return graph.tensors[index].data is not None


def _folds_open_batch(graph: TFLiteGraph, operator: Operator) -> bool:
    """Whether a reshape moves rows into an open batch, whose size the file then has as 1."""
    if operator.kind != "RESHAPE" or operator.inputs[0] < 0:
        return False
    return graph.tensors[operator.inputs[0]].elements != graph.tensors[operator.outputs[0]].elements


def _is_parameter(tensor: Tensor) -> bool:
    """Whether it is no index: shapes, axes and paddings are integers without a scale."""
    index = tensor.dtype in ("int32", "int64", "uint32", "uint64", "bool") and not tensor.scaled
    return tensor.bytes > 0 and not index


def _row(graph: TFLiteGraph, operator: Operator, parameters: int) -> LayerRow:
    call = OperatorCall(
        operator,
        tuple(graph.tensors[index] if index >= 0 else None for index in operator.inputs),
        tuple(graph.tensors[index] for index in operator.outputs),
    )
    true, nessi = TRUE_RULES.get(operator.kind), NESSI_RULES.get(operator.kind)
    return LayerRow(
        name=call.outputs[0].name if call.outputs else operator.kind,
        type=operator.kind,
        output_shape=call.outputs[0].shape if call.outputs else None,
        parameters=parameters,
        macs=true(call) if true else 0,
        macs_nessi_tflite=nessi(call) if nessi else 0,
        activation_bytes=call.outputs[0].bytes if call.outputs else None,
    )


def _check_input(path: Path, graph: TFLiteGraph, input_shape: Any) -> None:
    for index in graph.inputs:
        tensor = graph.tensors[index]
        if tensor.shape and tensor.shape[0] != 1:
            raise ModelError(
                f"input {tensor.name!r} of shape {tensor.shape} has a batch of {tensor.shape[0]}",
                path=path,
                fix="convert the model with batch 1, which the editions count",
            )
    if input_shape is None:
        return
    shapes = [graph.tensors[index].shape[1:] for index in graph.inputs]
    given = tuple(input_shape) if isinstance(input_shape, Sequence) else input_shape
    if len(shapes) != 1 or given != shapes[0]:
        raise ModelError(
            f"has inputs of shape {shapes}, not {input_shape}",
            path=path,
            fix="leave input_shape out, or convert the model at that shape",
        )
