import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from dssd_tf.errors import ModelError
from dssd_tf.quantization import export
from dssd_tf.quantization.export import finish_int8
from dssd_tf.quantization.flatbuffer import pack
from dssd_tf.quantization.slim import slim

INT8 = tf.lite.OpsSet.TFLITE_BUILTINS_INT8
INT16 = tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8


def _converted(shape=(1, 4), ops=INT8, ends=(tf.int8, tf.int8)):
    """A dense layer with ReLU as the converter writes it."""
    weight = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32)])
    def function(x):
        return tf.nn.relu(tf.matmul(x, weight))

    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    samples = np.random.default_rng(1).normal(size=(8, *shape)).astype("float32")
    converter.representative_dataset = lambda: ([sample] for sample in samples)
    converter.target_spec.supported_ops = [ops]
    converter.inference_input_type, converter.inference_output_type = ends
    return converter.convert()


@pytest.fixture(scope="module")
def converted():
    return _converted()


def _run(content, x):
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def test_the_finished_file_is_the_slim_one_and_computes_the_same(converted):
    finished = finish_int8(converted, "net")
    assert finished == slim(converted) and len(finished) < len(converted)
    for seed in range(5):
        x = np.random.default_rng(seed).integers(-128, 128, (1, 4), dtype=np.int8)
        np.testing.assert_array_equal(_run(finished, x), _run(converted, x))


def test_a_finished_file_stays_as_it_is(converted):
    finished = finish_int8(converted, "net")
    assert finish_int8(finished, "net") == finished


def test_a_float_tensor_is_named_with_its_network():
    content = _converted(ends=(tf.float32, tf.int8))
    with pytest.raises(ModelError, match=r"^net: 1 tensors stayed float, first '\w+"):
        finish_int8(content, "net")


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((tf.uint8, tf.int8), r"^net: input is uint8 of shape \(1, 4\)"),
        ((tf.int8, tf.uint8), r"^net: output is uint8 of shape \(1, 3\)"),
    ],
)
def test_ends_that_are_not_int8_are_refused_with_type_and_shape(ends, words):
    with pytest.raises(ModelError, match=words + ", not int8 with batch 1"):
        finish_int8(_converted(ends=ends), "net")


def test_sixteen_bit_activations_are_refused():
    content = _converted(ops=INT16, ends=(tf.int16, tf.int16))
    with pytest.raises(ModelError, match="net: input is int16"):
        finish_int8(content, "net")


def test_another_batch_than_one_is_refused():
    with pytest.raises(ModelError, match=r"net: input is int8 of shape \(2, 4\), not int8 with"):
        finish_int8(_converted(shape=(2, 4)), "net")


def test_control_flow_is_refused(converted):
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(converted, 0))
    model.subgraphs.append(model.subgraphs[0])
    with pytest.raises(ModelError, match="net: 2 subgraphs; one is expected"):
        finish_int8(pack(model), "net")


def _one_weight_more(content):
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(slim(content), 0))
    (graph,) = model.subgraphs
    (operator,) = graph.operators
    buffer = model.buffers[graph.tensors[operator.inputs[1]].buffer]
    buffer.data = np.asarray(buffer.data) ^ 64
    return pack(model)


def test_a_slim_file_that_computes_something_else_is_refused(converted, monkeypatch):
    monkeypatch.setattr(export, "slim", _one_weight_more)
    with pytest.raises(ModelError, match="net: the slim file computes something else"):
        finish_int8(converted, "net")


def test_a_second_output_is_refused(converted):
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(converted, 0))
    (graph,) = model.subgraphs
    graph.outputs = np.array([graph.outputs[0], graph.inputs[0]], "int32")
    with pytest.raises(ModelError, match="net: "):
        finish_int8(pack(model), "net")
