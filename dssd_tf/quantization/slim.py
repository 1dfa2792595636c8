"""A .tflite file without what no interpreter reads."""

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from dssd_tf.quantization.flatbuffer import code_of, content_key, pack
from dssd_tf.quantization.slim_kernels import group_kernels, share_scales
from dssd_tf.quantization.slim_strides import merge_strides


def slim(content: bytes) -> bytes:
    """The same network in fewer bytes; the reference kernels give the same bits for it.

    Left out are metadata, signatures, the description, names and recorded ranges of tensors,
    constants and operators that nothing reads. Equal constants, equal vectors (scales, zero
    points, shapes) and equal options are written once, channels that share one scale have one,
    1x1 convolutions whose channels read a group each keep that group's weights alone where the
    grid is small, and pools over time alone get the unequal strides they stand for. The input
    is called ``input``, the output ``output``. The bytes depend on the network alone, not on
    what the process converted before.

    Args:
        content: A .tflite flatbuffer with one subgraph.

    Raises:
        ValueError: There are several subgraphs (control flow), which are not slimmed.
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    if len(model.subgraphs) != 1:
        raise ValueError(f"{len(model.subgraphs)} subgraphs; one is expected")
    (graph,) = model.subgraphs
    model.description = None
    model.metadata = model.metadataBuffer = model.signatureDefs = None
    graph.name = None
    _name_ends(graph)
    merge_strides(model, graph)
    group_kernels(model, graph)
    share_scales(model, graph)
    _shape_into_options(model, graph)
    _share_buffers(model, graph)
    for tensor in graph.tensors:
        _lighten(tensor)
    _share_constants(graph)
    _drop_unread_tensors(graph)
    _share_buffers(model, graph)  # once more, without those of the tensors that went
    return pack(model)


def _name_ends(graph: Any) -> None:
    for tensor in graph.tensors:
        tensor.name = None
    for which, indices in (("input", graph.inputs), ("output", graph.outputs)):
        for number, index in enumerate(indices):
            graph.tensors[index].name = f"{which}{number or ''}".encode()


def _share_buffers(model: Any, graph: Any) -> None:
    # Buffer 0 is by convention the empty one, that of all activations.
    kept: dict[bytes, int] = {b"": 0}
    buffers = [schema.BufferT()]
    for tensor in graph.tensors:
        data = model.buffers[tensor.buffer].data
        key = b"" if data is None else np.asarray(data, np.uint8).tobytes()
        if key not in kept:
            kept[key] = len(buffers)
            buffers.append(schema.BufferT(data=np.frombuffer(key, np.uint8)))
        tensor.buffer = kept[key]
    model.buffers = buffers


def _lighten(tensor: Any) -> None:
    tensor.hasRank = False  # as it was before the field existed: the shape says it
    signature = tensor.shapeSignature
    if signature is not None and np.array_equal(signature, tensor.shape):
        tensor.shapeSignature = None
    quantization = tensor.quantization
    if quantization is None:
        return
    quantization.min = quantization.max = None
    if quantization.scale is None and quantization.details is None:
        tensor.quantization = None


def _shape_into_options(model: Any, graph: Any) -> None:
    """A constant shape stands in the options of a reshape, not in a tensor beside them."""
    for operator in graph.operators:
        if code_of(model, operator) != schema.BuiltinOperator.RESHAPE:
            continue
        if len(operator.inputs) == 2 and _is_constant(model, graph, operator.inputs[1]):
            options = operator.builtinOptions or schema.ReshapeOptionsT()
            options.newShape = np.array(graph.tensors[operator.outputs[0]].shape, "int32")
            operator.builtinOptionsType = schema.BuiltinOptions.ReshapeOptions
            operator.builtinOptions = options
            operator.inputs = np.array(operator.inputs[:1])


def _is_constant(model: Any, graph: Any, index: int) -> bool:
    data = model.buffers[graph.tensors[index].buffer].data
    return data is not None and len(data) > 0


def _share_constants(graph: Any) -> None:
    """Let operators read the first of several equal constants."""
    first: dict[Any, int] = {}
    for operator in graph.operators:
        operator.inputs = np.array(operator.inputs)
        for place, index in enumerate(operator.inputs):
            tensor = graph.tensors[index] if index >= 0 else None
            if tensor is not None and tensor.buffer and not tensor.isVariable:
                operator.inputs[place] = first.setdefault(content_key(tensor), int(index))


def _drop_unread_tensors(graph: Any) -> None:
    operators = graph.operators
    vectors = [vector for operator in operators for vector in (operator.inputs, operator.outputs)]
    vectors += [o.intermediates for o in operators if o.intermediates is not None]
    vectors += [graph.inputs, graph.outputs]
    used = sorted({int(index) for vector in vectors for index in vector} - {-1})
    places = {old: new for new, old in enumerate(used)} | {-1: -1}

    def moved(vector: Any) -> Any:
        return np.array([places[int(index)] for index in vector], "int32")

    graph.tensors = [graph.tensors[index] for index in used]
    graph.inputs, graph.outputs = moved(graph.inputs), moved(graph.outputs)
    for operator in operators:
        operator.inputs, operator.outputs = moved(operator.inputs), moved(operator.outputs)
        if operator.intermediates is not None:
            operator.intermediates = moved(operator.intermediates)
