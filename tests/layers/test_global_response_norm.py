import numpy as np
import pytest

from dssd_tf.layers import GlobalResponseNorm


def test_harness(run_layer_test):
    run_layer_test(GlobalResponseNorm, {"epsilon": 1e-5}, (2, 4, 6, 5), (2, 4, 6, 5))


def test_it_starts_as_the_identity():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype("float32")
    np.testing.assert_array_equal(GlobalResponseNorm()(x), x)


def test_equals_the_formula():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype("float32")
    layer = GlobalResponseNorm()
    layer.build(x.shape)
    layer.set_weights([np.array([0.7], "float32"), np.array([-0.2], "float32")])
    response = np.sqrt((x.astype("float64") ** 2).sum(axis=(1, 2), keepdims=True))
    relative = response / (response.mean(axis=-1, keepdims=True) + 1e-6)
    np.testing.assert_allclose(layer(x), 0.7 * x * relative - 0.2 + x, atol=1e-5)


def test_silence_has_a_finite_gradient():
    import tensorflow as tf

    layer = GlobalResponseNorm()
    x = tf.zeros((1, 3, 4, 2))
    layer.build(x.shape)
    layer.set_weights([np.array([0.7], "float32"), np.array([0.1], "float32")])
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(layer(x))
    assert np.isfinite(np.asarray(tape.gradient(total, x))).all()


def test_wrong_rank_names_the_shape():
    with pytest.raises(ValueError, match=r"\(2, 3, 4\)"):
        GlobalResponseNorm()(np.zeros((2, 3, 4), "float32"))
