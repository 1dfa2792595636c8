import numpy as np
import pytest

from dssd_tf.layers.fused.arrays import combine, rows, through_moments, with_centre


def test_rows_are_a_view_by_band_then_channel() -> None:
    array = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    flat = rows(array)
    assert flat.shape == (2, 3, 20) and np.shares_memory(flat, array)
    assert flat[1, 2, 3 * 5 + 4] == array[1, 2, 3, 4]


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_combined_moments_are_those_of_all_values_together(offset: float) -> None:
    values = np.random.default_rng(0).normal(size=(4, 30, 3)) * [1, 2, 3] + offset
    means = values.mean(axis=1)
    squares = np.square(values - means[:, None]).sum(axis=1)
    mean, variance = combine(means, squares, 30)
    np.testing.assert_allclose(mean, values.mean(axis=(0, 1)), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(variance, values.var(axis=(0, 1)), rtol=1e-9)


def test_gradient_through_moments_is_the_difference_quotient() -> None:
    random = np.random.default_rng(1)
    x, d_mean, d_variance = (
        random.normal(size=(20, 2)),
        random.normal(size=2),
        random.normal(size=2),
    )

    def loss(x: np.ndarray) -> float:
        return float((d_mean * x.mean(axis=0) + d_variance * x.var(axis=0)).sum())

    p, q, m = through_moments(x.mean(axis=0), d_mean, d_variance, len(x))
    found = p + q * (x - m)
    for place in [(0, 0), (7, 1), (19, 0)]:
        step = np.zeros_like(x)
        step[place] = 1e-6
        quotient = (loss(x + step) - loss(x - step)) / 2e-6
        assert found[place] == pytest.approx(quotient, abs=1e-8)


def test_the_centre_moves_the_result_as_the_offset_does_times_minus_the_factor() -> None:
    affine = np.array([[2.0, -3.0], [0.5, 0.5], [1.0, 4.0]])
    gradient = np.array([[7.0, 8.0], [10.0, 100.0]])
    found = with_centre(affine, gradient)
    np.testing.assert_array_equal(found, [[7.0, 8.0], [10.0, 100.0], [-20.0, 300.0]])
