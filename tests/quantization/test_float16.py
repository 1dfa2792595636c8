import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from keras import layers

from dssd_tf.errors import ModelError
from dssd_tf.evaluation.predictor import TFLitePredictor
from dssd_tf.quantization.float16 import quantize_float16


def test_weights_are_of_16_bits_and_the_function_stays(plain_model, clips):
    content = quantize_float16(plain_model)
    details = Interpreter(model_content=content).get_tensor_details()
    halves = sum(np.prod(d["shape"]) for d in details if d["dtype"] == np.float16)
    assert halves >= 0.9 * plain_model.count_params()
    x = clips(10, (12, 10, 1))
    expected = np.asarray(plain_model(x, training=False))
    found = TFLitePredictor(content)(x)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=5e-3 * np.abs(expected).max())


def test_open_axis_is_refused():
    inputs = keras.Input((None, 8, 1))
    model = keras.Model(inputs, layers.GlobalAveragePooling2D()(inputs), name="open_time")
    with pytest.raises(ModelError, match="open_time"):
        quantize_float16(model)


@pytest.mark.slow
def test_the_file_is_little_more_than_its_weights(network):
    content = quantize_float16(network)
    weights = 2 * network.count_params()
    assert weights < len(content) < 2 * weights + 16_000
    names = [d["name"] for d in Interpreter(model_content=content).get_tensor_details()]
    assert {name for name in names if name} == {"input", "output"}
