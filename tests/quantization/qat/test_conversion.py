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


def test_channels_of_very_different_size_lose_nothing(task):
    """Kernels a channel: what one scale for all would round away stays."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((12, 12, 2))
    x = layers.Conv2D(8, 1, activation="relu", name="first")(inputs)
    x = layers.DepthwiseConv2D(3, padding="same", activation="relu", name="rescaled")(x)
    x = layers.Conv2D(8, 1, activation="relu", name="second")(x)
    outputs = layers.Dense(4, name="logits")(layers.Flatten()(layers.MaxPooling2D(2)(x)))
    model = keras.Model(inputs, outputs)
    features, labels = task(240, 1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss)
    model.fit(features, labels, batch_size=24, epochs=4, verbose=0)
    # What the input loses in scale, the depthwise kernel gains: the function stays.
    factors = (2.0 ** np.linspace(-3, 3, 8)).astype("f4")
    first, rescaled = model.get_layer("first"), model.get_layer("rescaled")
    kernel, bias = first.get_weights()
    first.set_weights([kernel / factors, bias / factors])
    kernel, bias = rescaled.get_weights()
    rescaled.set_weights([kernel * factors[:, None], bias])
    twin = make_twin(deploy_form(model))
    calibrate(twin, features[:128], show=False)
    x = task(400, 5)[0]
    agreement, _ = _compare(twin, x)
    assert agreement >= 0.99
    expected = np.asarray(model(x, training=False))
    assert (fake_quant_logits(twin, x).argmax(1) == expected.argmax(1)).mean() >= 0.99


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
