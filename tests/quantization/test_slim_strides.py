import copy

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from dssd_tf.quantization.flatbuffer import code_of, pack
from dssd_tf.quantization.slim_strides import merge_strides

CODES = schema.BuiltinOperator


def _convert(times, taps, bands=6, kept=None, also=lambda rows: []):
    """Weighted means over `taps` rows as the deploy form writes them.

    `kept` of the rows are cut out before; `also` gives further outputs from the rows.
    """
    kept = times // taps * taps if kept is None else kept
    kernel = np.random.default_rng(1).uniform(0.2, 0.4, (1, taps, 4, 1)).astype("float32")

    @tf.function(input_signature=[tf.TensorSpec((1, times, bands, 4), tf.float32)])
    def function(x):
        x = x[:, :kept] if kept < times else x
        rows = tf.reshape(x, (1, kept // taps, taps * bands, 4))
        y = tf.nn.depthwise_conv2d(rows, kernel, [1, 1, 1, 1], "VALID", dilations=[1, bands])
        return [y, *also(rows)]

    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    clips = np.random.default_rng(0).normal(size=(8, 1, times, bands, 4)).astype("float32")
    converter.representative_dataset = lambda: ([clip] for clip in clips)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    content = converter.convert()
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))


@pytest.fixture(scope="module")
def stored():
    """Five rows, so that one is cropped, then means of two."""
    return _convert(5, 2)


@pytest.fixture
def model(stored):
    return copy.deepcopy(stored)


def _kinds(model):
    names = {value: name for name, value in vars(CODES).items() if isinstance(value, int)}
    return [names[code_of(model, operator)] for operator in model.subgraphs[0].operators]


def _part(model, name):
    return model.subgraphs[0].operators[_kinds(model).index(name)]


def _run(model):
    interpreter = Interpreter(
        model_content=pack(copy.deepcopy(model)),
        experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    (source,) = interpreter.get_input_details()
    x = np.random.default_rng(2).integers(-128, 128, source["shape"], dtype=np.int8)
    interpreter.set_tensor(source["index"], x)
    interpreter.invoke()
    return [interpreter.get_tensor(end["index"]) for end in interpreter.get_output_details()]


def _merge(model):
    """Merge; the bits must stay the same."""
    before = _run(model)
    assert before[0].std() > 5
    merge_strides(model, model.subgraphs[0])
    for found, expected in zip(_run(model), before, strict=True):
        np.testing.assert_array_equal(found, expected)
    return _kinds(model)


@pytest.mark.parametrize(("times", "taps", "bands"), [(4, 2, 6), (7, 3, 5), (6, 6, 2), (4, 2, 1)])
def test_a_pool_over_time_is_one_strided_operator(times, taps, bands):
    model = _convert(times, taps, bands)
    assert "RESHAPE" in _kinds(model)
    assert _merge(model) == ["DEPTHWISE_CONV_2D"]
    (pool,) = model.subgraphs[0].operators
    options = pool.builtinOptions
    assert (options.strideH, options.strideW) == (taps, 1)
    assert (options.dilationHFactor, options.dilationWFactor) == (1, 1)
    assert list(model.subgraphs[0].tensors[pool.inputs[1]].shape) == [1, taps, 1, 4]


def test_merging_twice_changes_nothing(model):
    once = _merge(model)
    assert _merge(model) == once == ["DEPTHWISE_CONV_2D"]


def test_the_old_kernel_keeps_its_shape_for_other_readers(model):
    place = int(_part(model, "DEPTHWISE_CONV_2D").inputs[1])
    _merge(model)
    assert list(model.subgraphs[0].tensors[place].shape) == [1, 1, 2, 4]


def test_rows_that_something_else_reads_stay():
    model = _convert(4, 2, also=lambda rows: [tf.nn.relu(rows)])
    kinds = _kinds(model)
    assert "RESHAPE" in kinds and _merge(model) == kinds


def test_rows_that_are_an_output_stay(model):
    (graph,) = model.subgraphs
    rows = _part(model, "RESHAPE").outputs[0]
    graph.outputs = np.int32([*graph.outputs, rows])
    kinds = _kinds(model)
    assert _merge(model) == kinds


def test_a_cut_that_something_else_reads_stays(model):
    (graph,) = model.subgraphs
    graph.outputs = np.int32([*graph.outputs, _part(model, "STRIDED_SLICE").outputs[0]])
    assert _merge(model) == ["STRIDED_SLICE", "DEPTHWISE_CONV_2D"]


def test_a_cut_of_the_first_rows_stays(model):
    (graph,) = model.subgraphs
    crop = _part(model, "STRIDED_SLICE")
    for place, numbers in ((1, [0, 1, 0, 0]), (2, [1, 5, 6, 4])):
        tensor = graph.tensors[crop.inputs[place]]
        model.buffers.append(schema.BufferT(data=np.array(numbers, "<i4").view("uint8")))
        tensor.buffer = len(model.buffers) - 1
    crop.builtinOptions.beginMask = crop.builtinOptions.endMask = 0
    assert _merge(model) == ["STRIDED_SLICE", "DEPTHWISE_CONV_2D"]


def test_a_cut_of_more_than_the_rest_stays():
    assert _merge(_convert(6, 2, kept=4)) == ["STRIDED_SLICE", "DEPTHWISE_CONV_2D"]


@pytest.mark.parametrize(
    "change",
    [{"dilationWFactor": 5}, {"strideW": 2, "strideH": 2}, {"padding": schema.Padding.SAME}],
    ids=["dilation", "stride", "padding"],
)
def test_another_convolution_behind_the_rows_stays(model, change):
    vars(_part(model, "DEPTHWISE_CONV_2D").builtinOptions).update(change)
    operators = list(model.subgraphs[0].operators)
    merge_strides(model, model.subgraphs[0])
    assert model.subgraphs[0].operators == operators
