import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from keras import layers

from dssd_tf.errors import ModelError
from dssd_tf.evaluation.predictor import TFLitePredictor
from dssd_tf.quantization import export
from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.qat.calibration import calibrate
from dssd_tf.quantization.qat.conversion import convert_twin
from dssd_tf.quantization.qat.twin import fake_quant_logits, make_twin


def _compare(twin, x):
    """Share of equal decisions and largest difference of twin and file."""
    expected = fake_quant_logits(twin, x)
    found = TFLitePredictor(convert_twin(twin))(x)
    return (found.argmax(1) == expected.argmax(1)).mean(), np.abs(found - expected).max()


@pytest.mark.slow
def test_the_file_computes_what_the_twin_does_in_integers_alone(twin, task):
    content = convert_twin(twin)
    interpreter = Interpreter(model_content=content)
    assert {d["dtype"] for d in interpreter.get_tensor_details()} <= {np.int8, np.int32}
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert tuple(source["shape"]) == (1, 12, 12, 2) and tuple(target["shape"]) == (1, 4)
    x = task(400, 5)[0]
    agreement, difference = _compare(twin, x)
    assert agreement >= 0.99
    assert difference < 0.1 * fake_quant_logits(twin, x).std()


def test_unequal_strides_pools_and_padding_stay_integers(clips):
    inputs = keras.Input((12, 12, 2))
    x = layers.ZeroPadding2D(((1, 0), (0, 1)))(inputs)
    x = layers.Conv2D(4, 3, groups=2, activation="relu")(x)
    x = layers.AveragePooling2D((2, 1))(x)
    x = layers.Concatenate()([layers.Conv2D(3, 1, activation="sigmoid")(x), x])
    x = layers.Subtract()([x, layers.Conv2D(7, 1)(x)])
    x = layers.Activation("tanh")(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, layers.Softmax()(layers.Dense(4)(x)))
    twin, x = make_twin(deploy_form(model)), clips(40, (12, 12, 2))
    calibrate(twin, x, show=False)
    assert _compare(twin, x)[1] < 0.05


def test_a_float_tensor_is_refused_by_name(twin, monkeypatch):
    monkeypatch.setattr(export, "float_tensors", lambda content: ["left/over"])
    with pytest.raises(ModelError, match="small: 1 tensors stayed float, first 'left/over'"):
        convert_twin(twin)
