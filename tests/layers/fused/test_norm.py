from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.layers.fused import compiled
from dssd_tf.layers.fused.norm import affine_relu_pool, norm_relu_pool

SHAPE, EPSILON = (3, 5, 7, 4), 1e-3


def _draw(*shape: int) -> Any:
    return tf.constant(np.random.default_rng(len(shape)).normal(size=shape))


def _formula(x: Any, gamma: Any, beta: Any, pool: tuple[int, int]) -> tuple[Any, Any, Any]:
    """The same from TensorFlow's own operations."""
    mean, variance = tf.nn.moments(x, axes=(0, 1, 2))
    y = tf.nn.relu(tf.nn.batch_normalization(x, mean, variance, beta, gamma, EPSILON))
    return tf.nn.avg_pool2d(y, pool, pool, "VALID"), mean, variance


def _with_gradients(operation: Any, *inputs: Any) -> list[Any]:
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = operation(*inputs)
        loss = tf.reduce_sum(outputs[0] * _draw(*outputs[0].shape))
    return [*outputs, *tape.gradient(loss, inputs)]


@pytest.mark.slow
@pytest.mark.parametrize("pool", [(1, 1), (2, 1), (2, 2), (1, 3), (3, 2)])
def test_values_and_gradients_are_those_of_the_formula(pool: tuple[int, int]) -> None:
    inputs = (_draw(*SHAPE) + 3.0, _draw(4), _draw(1, 4)[0])
    found = _with_gradients(lambda *a: norm_relu_pool(*a, EPSILON, pool), *inputs)
    expected = _with_gradients(lambda *a: _formula(*a, pool), *inputs)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("pool", [(1, 1), (2, 1), (2, 2)])
def test_given_moments_are_used(pool: tuple[int, int]) -> None:
    def formula(x: Any, affine: Any) -> tuple[Any]:
        y = tf.nn.relu(affine[0] * (x - affine[2]) + affine[1])
        return (tf.nn.avg_pool2d(y, pool, pool, "VALID"),)

    inputs = (_draw(*SHAPE), _draw(3, 4))
    found = _with_gradients(lambda *a: (affine_relu_pool(*a, pool),), *inputs)
    for mine, theirs in zip(found, _with_gradients(formula, *inputs), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-10)


def test_the_number_of_threads_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    def results(threads: int) -> list[Any]:
        monkeypatch.setattr(compiled, "_threads", lambda: threads)
        inputs = (_draw(*SHAPE), _draw(4), _draw(1, 4)[0])
        return _with_gradients(lambda *a: norm_relu_pool(*a, EPSILON, (2, 2)), *inputs)

    for one, many in zip(results(1), results(3), strict=True):
        np.testing.assert_array_equal(one, many)


def test_what_is_no_number_stays_none() -> None:
    x = np.array(_draw(*SHAPE))
    x[0, 2, 3, 1] = np.nan
    y = affine_relu_pool(tf.constant(x), _draw(3, 4), (2, 1))
    assert np.isnan(y[0, 1, 3, 1]) and np.isnan(y).sum() == 1
