import numpy as np

from dssd_tf.layers.normalization import batch_normalization


def test_constants_are_those_of_the_reference_networks():
    layer = batch_normalization()
    assert (layer.epsilon, layer.momentum, layer.name) == (1e-5, 0.9, "norm")


def test_inference_is_the_formula(randomize, reference):
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype("float32")
    layer = batch_normalization()
    layer.build(x.shape)
    randomize(layer)
    expected = reference.batch_normalization(layer, x.astype("float64"))
    np.testing.assert_allclose(layer(x, training=False), expected, atol=1e-5)


def test_one_training_step_moves_the_statistics_by_a_tenth():
    x = np.random.default_rng(0).normal(3.0, 2.0, size=(4, 5, 6, 2)).astype("float32")
    layer = batch_normalization(name="other", dtype="float32")
    layer(x, training=True)
    np.testing.assert_allclose(layer.moving_mean, 0.1 * x.mean(axis=(0, 1, 2)), rtol=1e-4)
    variance = 0.9 + 0.1 * x.var(axis=(0, 1, 2))
    np.testing.assert_allclose(layer.moving_variance, variance, rtol=1e-4)
    assert layer.name == "other"
