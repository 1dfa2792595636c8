import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.features import FinishFeatures
from dssd_tf.features.finish import finish

SETTINGS = list(itertools.product(("clip", "none"), (True, False), (True, False)))


@pytest.fixture(scope="module")
def log_mels():
    """Raw log-mels (6, 9, 16): ordinary, tiny and huge spread, silence, one loud cell, steady."""
    values = np.random.default_rng(0).normal(size=(6, 9, 16))
    values = values * np.array([1, 1e-3, 100, 0, 0, 0])[:, None, None] - 10
    values[4, 0, 0] = 3
    values[5] = np.linspace(-10, 2, 16)
    return values.astype("float32")


@pytest.mark.parametrize(("standardize", "deltas", "band_centred"), SETTINGS)
def test_layer_equals_the_numpy_version(small, log_mels, standardize, deltas, band_centred):
    config = small(standardize=standardize, deltas=deltas, band_centred=band_centred)
    layer = FinishFeatures.from_config_object(config)
    found = layer(log_mels)
    assert found.shape == layer.compute_output_shape(log_mels.shape)
    expected = finish(log_mels, config)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    jitted = tf.function(layer, jit_compile=True)(log_mels)
    np.testing.assert_allclose(jitted, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("shape", [(2, 1, 1), (2, 1, 16), (2, 9, 16)])
def test_constant_clips_become_zero(shape):
    found = FinishFeatures()(np.full(shape, np.log10(1e-10), "float32"))
    np.testing.assert_array_equal(found, 0)


def test_layer_works_in_a_dataset_of_unknown_sizes(small, log_mels):
    batches = tf.data.Dataset.from_generator(
        lambda: iter([log_mels, log_mels[:2, :5]]),
        output_signature=tf.TensorSpec((None, None, None), tf.float32),
    )
    first, second = batches.map(FinishFeatures()).as_numpy_iterator()
    np.testing.assert_allclose(first, finish(log_mels, small()), rtol=0, atol=1e-5)
    np.testing.assert_allclose(second, finish(log_mels[:2, :5], small()), rtol=0, atol=1e-5)


def test_gradient_is_finite_in_silence(log_mels):
    values = tf.constant(log_mels)
    with tf.GradientTape() as tape:
        tape.watch(values)
        total = tf.reduce_sum(tf.square(FinishFeatures()(values)))
    assert np.isfinite(tape.gradient(total, values)).all()


def test_half_precision_policies_change_nothing(log_mels):
    expected = FinishFeatures()(log_mels)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        found = FinishFeatures()(log_mels)
    finally:
        keras.config.set_dtype_policy("float32")
    assert found.dtype == tf.float32
    np.testing.assert_array_equal(found, expected)
    explicit = FinishFeatures(dtype="mixed_float16")
    np.testing.assert_array_equal(explicit(log_mels), expected)
    assert explicit(keras.Input((9, 16))).dtype == "float32"


def test_model_with_the_layer_is_saved_and_loaded(small, log_mels, tmp_path):
    inputs = keras.Input((9, 16))
    model = keras.Model(inputs, FinishFeatures(deltas=False)(inputs))
    assert model.output_shape == (None, 9, 16, 1)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    expected = finish(log_mels, small(deltas=False))
    np.testing.assert_allclose(loaded(log_mels), expected, rtol=0, atol=1e-5)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="'clip' or 'none', got 'batch'"):
        FinishFeatures(standardize="batch")
    with pytest.raises(ValueError, match=r"time, frequency\), got shape \(9, 16\)"):
        FinishFeatures()(np.zeros((9, 16), "float32"))
