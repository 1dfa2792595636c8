import pytest
import tensorflow as tf

from dssd_tf.quantization.int8_check import float_tensors


@pytest.fixture(scope="module")
def doubler():
    """A function of one input and one weight, ready for the converter."""
    weight = tf.constant([[1.0, 2.0], [3.0, -4.0]])

    @tf.function(input_signature=[tf.TensorSpec((1, 2), tf.float32)])
    def function(x):
        return tf.nn.relu(tf.matmul(x, weight))

    return function.get_concrete_function()


def test_float_model_is_detected_by_its_tensors(doubler):
    content = tf.lite.TFLiteConverter.from_concrete_functions([doubler]).convert()
    assert len(float_tensors(content)) >= 3  # input, weight, output


def test_int8_model_with_float_ends_is_detected(doubler):
    converter = tf.lite.TFLiteConverter.from_concrete_functions([doubler])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([tf.ones((1, 2)) * k] for k in (-1.0, 1.0))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    names = float_tensors(converter.convert())
    assert len(names) == 2 and all(isinstance(name, str) for name in names)


def test_full_int8_model_has_none(int8_network):
    assert float_tensors(int8_network) == []


def test_garbage_is_refused():
    with pytest.raises(ValueError, match="Flatbuffer"):
        float_tensors(b"garbage")
