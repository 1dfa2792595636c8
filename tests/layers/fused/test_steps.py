"""The steps against the Keras layers that they stand for."""

from typing import Any

import keras
import numpy as np
import pytest

from dssd_tf.layers import CrossDepthwiseConv
from dssd_tf.layers.fused.steps import applied, biased, cross_alone, crossed, normed

SHAPE = (3, 8, 9, 6)


def _draw(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def _norm() -> keras.layers.BatchNormalization:
    """With weights and moving statistics of which none is neutral."""
    norm = keras.layers.BatchNormalization()
    norm.build(SHAPE)
    norm.set_weights([w + 0.5 + np.abs(_draw(6, seed=i)) for i, w in enumerate(norm.get_weights())])
    return norm


def _conv() -> CrossDepthwiseConv:
    layer = CrossDepthwiseConv(dilation_rate=2)
    layer.build(SHAPE)
    layer.set_weights([_draw(*w.shape, seed=i) for i, w in enumerate(layer.get_weights())])
    return layer


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("pool", [(1, 1), (2, 1), (2, 2)])
def test_normed_is_the_norm_the_relu_and_the_pool(pool: tuple[int, int], training: bool) -> None:
    x, mine, theirs = _draw(*SHAPE), _norm(), _norm()
    expected = keras.ops.relu(theirs(x, training=training))
    expected = keras.ops.average_pool(expected, pool, pool, "valid")
    found = normed(mine, keras.ops.convert_to_tensor(x), training, pool)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    for moved, kept in zip(mine.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(moved, kept, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("training", [True, False])
def test_two_operators_in_a_row_leave_the_second_norm_pending(training: bool) -> None:
    x = keras.ops.convert_to_tensor(_draw(*SHAPE))
    convs, norms, others = [_conv(), _conv()], [_norm(), _norm()], [_norm(), _norm()]
    expected = x
    for conv, norm in zip(convs, others, strict=True):
        expected = keras.ops.relu(norm(conv(expected), training=training))
    first = crossed(convs[0], norms[0], x, training)
    second = crossed(convs[1], norms[1], first, training)
    np.testing.assert_allclose(applied(second), expected, rtol=1e-4, atol=1e-4)
    for mine, theirs in zip(norms, others, strict=True):
        for moved, kept in zip(mine.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_allclose(moved, kept, rtol=1e-4, atol=1e-5)


def test_a_norm_that_is_not_trained_keeps_its_statistics() -> None:
    norm = _norm()
    norm.trainable = False
    before = norm.get_weights()
    crossed(_conv(), norm, keras.ops.convert_to_tensor(_draw(*SHAPE)), True)
    normed(norm, keras.ops.convert_to_tensor(_draw(*SHAPE)), True)
    for kept, old in zip(norm.get_weights(), before, strict=True):
        np.testing.assert_array_equal(kept, old)


def test_one_convolution_alone_is_the_layers() -> None:
    layer, x = _conv(), keras.ops.convert_to_tensor(_draw(*SHAPE))
    np.testing.assert_allclose(cross_alone(layer, x), layer(x), rtol=1e-5, atol=1e-5)


def test_a_bias_is_added_to_the_last_axis() -> None:
    bias = keras.Variable(_draw(6, seed=1))
    x = _draw(10, 6)
    np.testing.assert_array_equal(biased(x, bias), x + bias.numpy())
