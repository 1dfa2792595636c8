import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.layers import OrthonormalRegularizer

_SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 12))


def _orthonormal(inputs: int, outputs: int, seed: int) -> np.ndarray:
    """A kernel (1, 1, inputs, outputs) whose P, one row an output, has orthonormal rows."""
    random = np.random.default_rng(seed)
    columns, _ = np.linalg.qr(random.normal(size=(inputs, outputs)))
    return columns[None, None].astype("float32")


def _cost_and_gradient(kernel: np.ndarray, weight: float = 0.1) -> tuple[float, np.ndarray]:
    variable = tf.Variable(kernel)
    with tf.GradientTape() as tape:
        cost = OrthonormalRegularizer(weight)(variable)
    return float(cost), np.asarray(tape.gradient(cost, variable))


@given(shape=_SHAPES, weight=st.floats(0.01, 10), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_cost_is_the_frobenius_norm_of_the_excess(shape, weight, seed):
    kernel = np.random.default_rng(seed).normal(size=(1, 1, *shape)).astype("float32")
    rows = kernel[0, 0].T.astype("float64")
    expected = weight * np.linalg.norm(rows @ rows.T - np.eye(shape[1]), "fro")
    found = OrthonormalRegularizer(weight)(kernel)
    assert found.shape == ()
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@given(outputs=st.integers(1, 8), more=st.integers(0, 8), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_orthonormal_rows_cost_nothing_and_have_a_finite_gradient(outputs, more, seed):
    kernel = _orthonormal(outputs + more, outputs, seed)
    cost, gradient = _cost_and_gradient(kernel)
    assert 0 <= cost < 1e-6
    assert np.isfinite(gradient).all() and np.abs(gradient).max() < 1


def test_at_exactly_zero_cost_the_gradient_is_zero():
    cost, gradient = _cost_and_gradient(np.eye(5, 3, dtype="float32")[None, None])
    assert cost == 0
    np.testing.assert_array_equal(gradient, np.zeros((1, 1, 5, 3)))


def test_it_is_the_rows_of_p_that_count_not_its_columns():
    # P (3 x 5) has orthonormal rows, its columns cannot be.
    cost, _ = _cost_and_gradient(_orthonormal(5, 3, 0))
    wide, _ = _cost_and_gradient(_orthonormal(5, 3, 0).transpose(0, 1, 3, 2), weight=1.0)
    assert cost < 1e-6
    np.testing.assert_allclose(wide, np.sqrt(2), rtol=1e-5)  # two rows too many of rank 3


def test_gradient_is_that_of_the_formula():
    kernel = np.random.default_rng(1).normal(size=(1, 1, 6, 3)).astype("float32")
    rows = kernel[0, 0].T.astype("float64")
    excess = rows @ rows.T - np.eye(3)
    expected = 0.1 * 2 * (excess @ rows).T / np.linalg.norm(excess)
    _, gradient = _cost_and_gradient(kernel)
    np.testing.assert_allclose(gradient[0, 0], expected, rtol=1e-4, atol=1e-6)


def test_a_few_steps_of_descent_on_the_penalty_alone_lower_it():
    random = np.random.default_rng(2)
    kernel = keras.Variable(random.normal(0.0, 0.4, size=(1, 1, 8, 4)).astype("float32"))
    optimizer = keras.optimizers.SGD(0.2)
    costs = []
    for _ in range(25):
        with tf.GradientTape() as tape:
            cost = OrthonormalRegularizer(0.1)(kernel)
        optimizer.apply([tape.gradient(cost, kernel.value)], [kernel])
        costs.append(float(cost))
    assert costs[-1] < 0.3 * costs[0]
    assert all(after < before for before, after in itertools.pairwise(costs[:9]))


def test_half_precision_kernels_are_squared_in_float32():
    kernel = np.full((1, 1, 64, 2), 40.0, "float16")  # 64 * 40² is beyond float16
    found = OrthonormalRegularizer(1.0)(tf.constant(kernel))
    assert found.dtype == tf.float32
    rows = kernel[0, 0].T.astype("float64")
    np.testing.assert_allclose(found, np.linalg.norm(rows @ rows.T - np.eye(2)), rtol=1e-5)


def test_weight_zero_costs_nothing():
    cost, gradient = _cost_and_gradient(np.full((1, 1, 4, 2), 3.0, "float32"), weight=0.0)
    assert cost == 0 and not gradient.any()


def test_it_serves_any_layer_of_keras_as_a_kernel_regularizer():
    layer = keras.layers.Conv2D(3, 1, kernel_regularizer=OrthonormalRegularizer(0.2))
    layer.build((None, 4, 4, 5))
    (loss,) = layer.losses
    rows = np.asarray(layer.kernel, "float64")[0, 0].T
    np.testing.assert_allclose(loss, 0.2 * np.linalg.norm(rows @ rows.T - np.eye(3)), rtol=1e-4)


def test_it_survives_serialization():
    regularizer = OrthonormalRegularizer(0.25)
    stored = keras.saving.serialize_keras_object(regularizer)
    assert stored["registered_name"] == "dssd_tf>OrthonormalRegularizer"
    again = keras.saving.deserialize_keras_object(stored)
    assert type(again) is OrthonormalRegularizer
    assert again.get_config() == regularizer.get_config() == {"weight": 0.25}


@pytest.mark.parametrize("weight", [-0.1, -5, float("nan"), float("inf")])
def test_a_weight_that_is_no_factor_is_refused_with_its_value(weight):
    with pytest.raises(ValueError, match=f"finite and not negative, got {weight}"):
        OrthonormalRegularizer(weight)
