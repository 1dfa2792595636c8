import copy

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from dssd_tf.quantization.flatbuffer import pack
from dssd_tf.quantization.slim_kernels import GROUPED_OUTPUTS, group_kernels, share_scales

CODES, TYPES = schema.BuiltinOperator, schema.TensorType
RANDOM = np.random.default_rng(8)


def _tensor(shape, kind, buffer, scale, axis=0):
    scale = np.atleast_1d(np.float32(scale))
    quantization = schema.QuantizationParametersT(
        scale=scale, zeroPoint=np.zeros(len(scale), "int64"), quantizedDimension=axis
    )
    return schema.TensorT(
        shape=np.int32(shape), type=kind, buffer=buffer, quantization=quantization
    )


def _model(kernel, scales, *, grid=(3, 4), depthwise=False, twice=False):
    """A convolution of (1, *grid, channels) by an int8 kernel in the file's order of axes."""
    channels, axis = kernel.shape[3], 3 if depthwise else 0
    filters = kernel.shape[axis]
    scales = np.broadcast_to(np.float32(scales), filters)
    bias = np.arange(-300, 300, 600 / filters).astype("<i4")
    data = [kernel.tobytes(), bias.tobytes()]
    buffers = [schema.BufferT(), *(schema.BufferT(data=np.frombuffer(d, "uint8")) for d in data)]
    out = (1, grid[0] - kernel.shape[1] + 1, grid[1] - kernel.shape[2] + 1, filters)
    tensors = [
        _tensor((1, *grid, channels), TYPES.INT8, 0, 0.05),
        _tensor(kernel.shape, TYPES.INT8, 1, scales, axis),
        _tensor((filters,), TYPES.INT32, 2, 0.05 * scales),
        _tensor(out, TYPES.INT8, 0, 0.1),
    ]
    options = schema.DepthwiseConv2DOptionsT if depthwise else schema.Conv2DOptionsT
    settings = {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1}
    settings |= {"padding": schema.Padding.VALID, **({"depthMultiplier": 1} if depthwise else {})}
    operators = [
        schema.OperatorT(
            inputs=np.int32([0, 1, 2]),
            outputs=np.int32([3]),
            builtinOptionsType=getattr(schema.BuiltinOptions, options.__name__[:-1]),
            builtinOptions=options(**settings),
        )
        for _ in range(1 + twice)
    ]
    graph = schema.SubGraphT(
        tensors=tensors, inputs=np.int32([0]), outputs=np.int32([3]), operators=operators
    )
    code = CODES.DEPTHWISE_CONV_2D if depthwise else CODES.CONV_2D
    codes = [schema.OperatorCodeT(builtinCode=code, deprecatedBuiltinCode=code, version=3)]
    return schema.ModelT(version=3, operatorCodes=codes, subgraphs=[graph], buffers=buffers)


def _grouped(filters, channels):
    """A full 1x1 kernel with zeros outside each output channel's group."""
    kernel = RANDOM.integers(-127, 128, (filters, 1, 1, channels), dtype=np.int8)
    members = channels // filters
    return kernel * np.kron(np.eye(filters, dtype="int8"), np.ones(members, "int8"))[:, None, None]


def _changed(model, change):
    """The graph after the change, which must have left its bits the same."""
    before = _run(model)
    assert before.std() > 5
    (graph,) = model.subgraphs
    change(model, graph)
    np.testing.assert_array_equal(_run(model), before)
    return graph


def _run(model):
    interpreter = Interpreter(
        model_content=pack(copy.deepcopy(model)),
        experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    x = np.random.default_rng(0).integers(-128, 128, source["shape"], dtype=np.int8)
    interpreter.set_tensor(source["index"], x)
    interpreter.invoke()
    return interpreter.get_tensor(target["index"])


@pytest.mark.parametrize(("filters", "channels"), [(2, 4), (4, 8), (3, 9)])
def test_a_kernel_of_groups_keeps_their_weights_alone(filters, channels):
    kernel = _grouped(filters, channels)
    model = _model(kernel, RANDOM.uniform(0.01, 0.03, filters))
    graph = _changed(model, group_kernels)
    assert list(graph.tensors[1].shape) == [filters, 1, 1, channels // filters]
    found = np.asarray(model.buffers[graph.tensors[1].buffer].data).view("int8")
    rows = kernel.reshape(filters, filters, -1)
    np.testing.assert_array_equal(found, np.concatenate([rows[n, n] for n in range(filters)]))


def _one_weight_outside():
    kernel = _grouped(2, 4)
    kernel[0, 0, 0, 3] = 1
    return _model(kernel, 0.02)


@pytest.mark.parametrize(
    "make",
    [
        _one_weight_outside,
        lambda: _model(_grouped(2, 4)[:, :, :, [2, 3, 0, 1]], 0.02),
        lambda: _model(_grouped(4, 4), 0.02),
        lambda: _model(_grouped(1, 4), 0.02),
        lambda: _model(np.pad(_grouped(3, 6), [(0, 0)] * 3 + [(0, 1)]), 0.02),
        lambda: _model(np.pad(_grouped(2, 4), ((0, 0), (1, 1), (0, 0), (0, 0))), 0.02),
        lambda: _model(_grouped(2, 4), 0.02, grid=(1, GROUPED_OUTPUTS // 2 + 1)),
        lambda: _model(_grouped(2, 4), 0.02, twice=True),
    ],
    ids=["weight", "order", "depthwise", "single", "rest", "spatial", "large", "two_readers"],
)
def test_other_kernels_stay_full(make):
    model = make()
    shape, count = list(model.subgraphs[0].tensors[1].shape), len(model.buffers)
    graph = _changed(model, group_kernels)
    assert list(graph.tensors[1].shape) == shape
    assert graph.tensors[1].buffer == 1 and len(model.buffers) == count


def test_the_largest_grouped_output_is_grouped():
    model = _model(_grouped(2, 4), 0.02, grid=(1, GROUPED_OUTPUTS // 2))
    assert list(_changed(model, group_kernels).tensors[1].shape) == [2, 1, 1, 2]


def test_a_kernel_that_is_computed_or_float_stays():
    for change in ({"buffer": 0}, {"type": TYPES.FLOAT32}):
        model = _model(_grouped(2, 4), 0.02)
        (graph,) = model.subgraphs
        vars(graph.tensors[1]).update(change)
        group_kernels(model, graph)
        assert list(graph.tensors[1].shape) == [2, 1, 1, 4]


@pytest.mark.parametrize("depthwise", [False, True])
def test_equal_scales_of_a_kernel_and_its_bias_become_one(depthwise):
    shape = (1, 2, 2, 6) if depthwise else (6, 2, 2, 3)
    kernel = RANDOM.integers(-127, 128, shape, dtype=np.int8)
    graph = _changed(_model(kernel, 0.02, depthwise=depthwise), share_scales)
    for tensor in graph.tensors[1:3]:
        quantization = tensor.quantization
        assert len(quantization.scale) == len(quantization.zeroPoint) == 1
        assert quantization.quantizedDimension == 0
    assert graph.tensors[1].quantization.scale[0] == np.float32(0.02)


@pytest.mark.parametrize("depthwise", [False, True])
def test_scales_stay_where_one_differs_or_another_operator_reads_them(depthwise):
    shape = (1, 1, 1, 4) if depthwise else (4, 1, 1, 4)
    kernel = RANDOM.integers(-127, 128, shape, dtype=np.int8)
    different = _model(kernel, [0.02, 0.02, 0.02, 0.0200001], depthwise=depthwise)
    shared = _model(kernel, 0.02, depthwise=depthwise, twice=True)
    for model in (different, shared):
        graph = _changed(model, share_scales)
        assert [len(tensor.quantization.scale) for tensor in graph.tensors[1:3]] == [4, 4]


@pytest.mark.parametrize("inputs", [[0, 1], [0, 1, -1]])
def test_a_convolution_without_bias_keeps_its_scales(inputs):
    model = _model(_grouped(2, 4), 0.02)
    (graph,) = model.subgraphs
    graph.operators[0].inputs = np.int32(inputs)
    share_scales(model, graph)
    assert len(graph.tensors[1].quantization.scale) == 2


def test_a_convolution_without_scales_is_left():
    model = _model(_grouped(2, 4), 0.02)
    (graph,) = model.subgraphs
    graph.tensors[1].quantization = None
    share_scales(model, graph)
    assert len(graph.tensors[2].quantization.scale) == 2
