"""PCGrad against hand-made gradients and NumPy."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.training.distillation.pcgrad import pcgrad, random_orders


def _reference(gradients: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Algorithm 1 of the paper on (tasks, values)."""
    projected = []
    for task, order in enumerate(orders):
        own = gradients[task].copy()
        for other in order:
            dot = own @ gradients[other]
            if other != task and dot < 0:
                own -= dot / (gradients[other] @ gradients[other]) * gradients[other]
        projected.append(own)
    return np.sum(projected, axis=0)


@pytest.mark.parametrize("second", [[0.0, 1.0], [0.5, 1.0]])
def test_gradients_that_agree_are_added(second: list[float]) -> None:
    (found,) = pcgrad([[tf.constant([1.0, 0.0])], [tf.constant(second)]])
    np.testing.assert_allclose(found, np.array([1.0, 0.0]) + second)


def test_a_conflict_is_taken_away_from_both() -> None:
    first, second = np.array([1.0, 0.0]), np.array([-1.0, 1.0])
    (found,) = pcgrad([[tf.constant(first, tf.float32)], [tf.constant(second, tf.float32)]])
    # [0.5, 0.5] is the first without its part along the second, [0, 1] the reverse.
    np.testing.assert_allclose(found, [0.5, 1.5], rtol=1e-6)
    found = np.asarray(found)
    assert found @ first >= 0 and found @ second >= 0


def test_the_whole_vector_counts_not_each_variable() -> None:
    first = [tf.constant([1.0]), tf.constant([2.0])]
    second = [tf.constant([-1.0]), tf.constant([2.0])]
    assert [float(g[0]) for g in pcgrad([first, second])] == [0.0, 4.0]


@pytest.mark.parametrize("seed", range(3))
def test_any_number_of_tasks_equals_numpy(seed: int) -> None:
    tasks = 4
    gradients = np.random.default_rng(seed).standard_normal((tasks, 6)).astype(np.float32)
    orders = random_orders(tasks, seed, 1)
    split = [[tf.constant(row[:2]), tf.constant(row[2:].reshape(2, 2))] for row in gradients]
    found = np.concatenate([np.ravel(g) for g in pcgrad(split, orders)])
    np.testing.assert_allclose(
        found, _reference(gradients, np.asarray(orders)), rtol=1e-4, atol=1e-5
    )


def test_orders_are_permutations_that_follow_from_the_seed() -> None:
    orders = [np.asarray(random_orders(3, 7, step)) for step in range(30)]
    rows = {tuple(row) for table in orders for row in table}
    assert rows == set(itertools.permutations(range(3)))
    np.testing.assert_array_equal(orders[4], random_orders(3, 7, tf.constant(4)))
    assert any((a != random_orders(3, 8, i)).numpy().any() for i, a in enumerate(orders[:5]))


def test_missing_and_zero_gradients() -> None:
    one = tf.constant([1.0])
    found = pcgrad([[one, None, None], [-one, one, None]])
    assert found[2] is None
    np.testing.assert_allclose(found[0], [0.5], rtol=1e-6)
    np.testing.assert_allclose(found[1], [1.5], rtol=1e-6)
    (alone,) = pcgrad([[one], [0 * one]])
    assert float(alone[0]) == 1
