"""A trained network whose channels differ a thousandfold inside, as training may leave them."""

import keras
import numpy as np
import pytest
from keras import layers

from dssd_tf.evaluation.predictor import TFLitePredictor
from dssd_tf.layers import SeparableConv
from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.ptq import quantize_ptq
from dssd_tf.quantization.qat.calibration import calibrate
from dssd_tf.quantization.qat.conversion import convert_twin
from dssd_tf.quantization.qat.twin import fake_quant_logits, make_twin

WIDTH = 12
FACTORS = np.geomspace(0.005, 5, WIDTH).astype("float32")


@pytest.fixture(scope="module")
def rescaled(task):
    """A pointwise convolution's outputs times 0.005 to 5; the depthwise one behind undoes it."""
    keras.utils.set_random_seed(2)
    inputs = keras.Input((12, 12, 2))
    x = layers.Conv2D(WIDTH, 1, activation="relu")(inputs)
    operator = SeparableConv(WIDTH)
    x = layers.AveragePooling2D((12, 3))(operator(x))
    model = keras.Model(inputs, layers.Dense(4)(layers.Flatten()(x)), name="rescaled")
    features, labels = task(240, 1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(5e-3), loss)
    model.fit(features, labels, batch_size=24, epochs=6, verbose=0)
    x = task(400, 2)[0]
    before = np.asarray(model(x, training=False))
    operator.pointwise.kernel.assign(operator.pointwise.kernel * FACTORS)
    for part in (operator.cross.time, operator.cross.frequency):
        part.kernel.assign(part.kernel / FACTORS[:, None])
    np.testing.assert_allclose(model(x, training=False), before, atol=1e-4 * np.abs(before).max())
    return model


def _agreement(one, other):
    return (np.asarray(one).argmax(axis=1) == np.asarray(other).argmax(axis=1)).mean()


def _with_one_scale(rescaled):
    """The network with its depthwise kernels rounded by one scale for all channels."""
    model = keras.models.clone_model(rescaled)
    model.set_weights(rescaled.get_weights())
    (operator,) = (layer for layer in model.layers if isinstance(layer, SeparableConv))
    parts = (operator.cross.time, operator.cross.frequency)
    step = max(float(np.abs(part.kernel).max()) for part in parts) / 127
    for part in parts:
        part.kernel.assign(np.round(part.kernel / step) * step)
    return model


def test_int8_agrees_with_float_on_99_of_100_clips(rescaled, task):
    x, labels = task(400, 2)
    expected = np.asarray(rescaled(x, training=False))
    assert (expected.argmax(axis=1) == labels).mean() > 0.9
    found = TFLitePredictor(quantize_ptq(rescaled, task(64, 1)[0]))(x)
    assert _agreement(found, expected) >= 0.99
    # All of int8's rounding costs less than a single scale would for these kernels alone.
    naive = np.asarray(_with_one_scale(rescaled)(x, training=False))

    assert np.abs(naive - expected).mean() > 3 * np.abs(found - expected).mean()


def test_the_simulated_rounding_agrees_with_float_and_with_its_file(rescaled, task):
    x, _ = task(400, 2)
    twin = make_twin(deploy_form(rescaled))
    calibrate(twin, task(64, 1)[0], show=False)
    simulated = fake_quant_logits(twin, x)
    assert _agreement(simulated, rescaled(x, training=False)) >= 0.99
    assert _agreement(TFLitePredictor(convert_twin(twin))(x), simulated) >= 0.995
