import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from dssd_tf.errors import ModelError
from dssd_tf.quantization.export import finish_int8
from dssd_tf.quantization.slim import slim

RESOLVERS = [OpResolverType.AUTO, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES]


@pytest.fixture(scope="module")
def converted():
    """An int8 file as the converter writes it: a pool over time, groups, equal constants."""
    random = np.random.default_rng(0)
    kernel = np.zeros((1, 1, 4, 2), "float32")
    kernel[0, 0, :2, 0], kernel[0, 0, 2:, 1] = random.normal(size=(2, 2))
    first = random.normal(size=(1, 1, 2, 4)).astype("float32")
    halves = np.full((1, 2, 4, 1), 0.5, "float32")

    @tf.function(input_signature=[tf.TensorSpec((1, 5, 6, 2), tf.float32)])
    def function(x):
        x = tf.nn.relu(tf.nn.conv2d(x, first, 1, "VALID"))[:, :4]
        rows = tf.reshape(x, (1, 2, 12, 4))
        x = tf.nn.depthwise_conv2d(rows, halves, [1, 1, 1, 1], "VALID", dilations=[1, 6])
        x = tf.nn.conv2d(x, kernel, 1, "VALID")
        return tf.reshape(x, (1, 24))

    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    clips = random.normal(size=(16, 1, 5, 6, 2)).astype("float32")
    converter.representative_dataset = lambda: ([clip] for clip in clips)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def _run(content, resolver, count=8):
    interpreter = Interpreter(model_content=content, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    random, found = np.random.default_rng(1), []
    for _ in range(count):
        x = random.integers(-128, 128, source["shape"], dtype=np.int8)
        interpreter.set_tensor(source["index"], x)
        interpreter.invoke()
        found.append(interpreter.get_tensor(target["index"]))
    return np.concatenate(found)


def _graph(content):
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    return model, model.subgraphs[0]


@pytest.mark.parametrize("resolver", RESOLVERS)
def test_outputs_are_the_same_bits_with_and_without_fast_kernels(converted, resolver):
    expected = _run(converted, resolver)
    assert expected.std() > 5
    np.testing.assert_array_equal(_run(slim(converted), resolver), expected)


def test_file_holds_no_names_metadata_or_dead_buffers(converted):
    slimmed = slim(converted)
    assert len(slimmed) < 0.7 * len(converted)
    model, graph = _graph(slimmed)
    assert not model.metadata and not model.signatureDefs and not model.description
    assert {tensor.name for tensor in graph.tensors} == {None, b"input", b"output"}
    used = {tensor.buffer for tensor in graph.tensors}
    assert used == set(range(len(model.buffers)))
    data = [bytes(buffer.data) for buffer in model.buffers[1:]]
    assert len(set(data)) == len(data)


def test_pool_over_time_becomes_one_operator_with_its_stride(converted):
    _, graph = _graph(slim(converted))
    strides = [
        (operator.builtinOptions.strideH, operator.builtinOptions.strideW)
        for operator in graph.operators
        if isinstance(operator.builtinOptions, schema.DepthwiseConv2DOptionsT)
    ]
    assert strides == [(2, 1)]
    assert len(graph.operators) == len(_graph(converted)[1].operators) - 2  # rows and crop


def test_grouped_kernel_keeps_its_own_weights_alone(converted):
    _, graph = _graph(slim(converted))
    shapes = [tuple(tensor.shape) for tensor in graph.tensors]
    assert (2, 1, 1, 2) in shapes and (2, 1, 1, 4) not in shapes


def test_slimming_twice_changes_nothing(converted):
    assert slim(slim(converted)) == slim(converted)


@pytest.mark.slow
def test_network_keeps_its_bytes_when_it_is_converted_again(network, int8_network, clips):
    from dssd_tf.quantization.ptq import quantize_ptq

    assert quantize_ptq(network, clips(32, (16, 16, 2))) == int8_network


def test_float_file_is_refused():
    function = tf.function(lambda x: x + 1.5).get_concrete_function(tf.TensorSpec((1, 2)))
    content = tf.lite.TFLiteConverter.from_concrete_functions([function]).convert()
    with pytest.raises(ModelError, match=r"adder: \d tensors stayed float"):
        finish_int8(content, "adder")


def test_finished_file_is_the_slim_one(converted):
    assert finish_int8(converted, "net") == slim(converted)


def test_a_slim_file_that_computes_something_else_is_refused(converted, monkeypatch):
    def spoil(content):
        model, graph = _graph(content)
        buffer = model.buffers[graph.tensors[graph.operators[0].inputs[1]].buffer]
        buffer.data = np.asarray(buffer.data) ^ 64
        from dssd_tf.quantization.flatbuffer import pack

        return pack(model)

    monkeypatch.setattr("dssd_tf.quantization.export.slim", spoil)
    with pytest.raises(ModelError, match="net: the slim file computes something else"):
        finish_int8(converted, "net")
