"""The loops by themselves; that they compute the formula is shown through `norm`."""

from typing import Any

import numpy as np
import pytest

from dssd_tf.layers.fused.norm_kernels import (
    affine_relu_pool,
    affine_relu_pool_backward,
    affine_relu_pool_sums,
    moments,
)

CLIPS, TIMES, BANDS, CHANNELS = 3, 5, 7, 2
POOLS = [(1, 1), (2, 1), (1, 3), (2, 3)]


def _draw(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def _pooled(x: Any, affine: Any, pool: tuple[int, int], begin: int = 0, end: int = CLIPS) -> Any:
    """(clips, pools over time, pools over bands * channels), filled with 7 before the call."""
    y = np.full((CLIPS, TIMES // pool[0], BANDS // pool[1] * CHANNELS), 7.0, x.dtype)
    affine_relu_pool(begin, end, x, affine, *pool, y)
    return y


def test_moments_are_each_clips_own_and_stand_a_large_offset() -> None:
    x = (_draw(CLIPS, TIMES, BANDS * CHANNELS) + 1000.0).astype("float32")
    means, squares = np.empty((2, CLIPS, CHANNELS))
    moments(0, CLIPS, x, means, squares)
    values = x.astype("float64").reshape(CLIPS, -1, CHANNELS)
    np.testing.assert_allclose(means, values.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(squares, values.var(axis=1) * TIMES * BANDS, rtol=1e-4)


@pytest.mark.parametrize("pool", POOLS)
def test_pools_are_means_of_what_passes_the_relu_and_leave_the_rest_out(
    pool: tuple[int, int],
) -> None:
    x, affine = _draw(CLIPS, TIMES, BANDS * CHANNELS), _draw(3, CHANNELS, seed=1)
    grid = x.reshape(CLIPS, TIMES, BANDS, CHANNELS)
    value = np.maximum(affine[0] * (grid - affine[2]) + affine[1], 0)
    times, bands = TIMES // pool[0], BANDS // pool[1]
    value = value[:, : times * pool[0], : bands * pool[1]]
    value = value.reshape(CLIPS, times, pool[0], bands, pool[1], CHANNELS).mean(axis=(2, 4))
    found = _pooled(x, affine, pool).reshape(value.shape)
    np.testing.assert_allclose(found, value, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("pool", POOLS)
def test_a_step_along_the_gradient_changes_the_loss_by_its_square(pool: tuple[int, int]) -> None:
    x, affine = _draw(CLIPS, TIMES, BANDS * CHANNELS), _draw(3, CHANNELS, seed=1)
    above = _draw(*_pooled(x, affine, pool).shape, seed=2)
    dx, sums = np.empty_like(x), np.empty((CLIPS, 2, CHANNELS))
    affine_relu_pool_backward(0, CLIPS, x, affine, np.zeros((2, CHANNELS)), *pool, above, dx)
    affine_relu_pool_sums(0, CLIPS, x, affine, *pool, above, sums)
    d_affine = np.concatenate([sums.sum(axis=0), np.zeros((1, CHANNELS))])

    def slope(d_x: Any, d_affine: Any) -> float:
        def loss(step: float) -> float:
            return float((above * _pooled(x + step * d_x, affine + step * d_affine, pool)).sum())

        return (loss(1e-7) - loss(-1e-7)) / 2e-7

    assert slope(dx, 0 * affine) == pytest.approx(np.square(dx).sum(), rel=1e-5)
    assert slope(0 * x, d_affine) == pytest.approx(np.square(d_affine).sum(), rel=1e-5)


@pytest.mark.parametrize(("begin", "end"), [(0, 1), (1, 3), (2, 2)])
def test_only_the_clips_asked_for_are_written(begin: int, end: int) -> None:
    x, affine = _draw(CLIPS, TIMES, BANDS * CHANNELS), _draw(3, CHANNELS, seed=1)
    others = np.ones(CLIPS, bool)
    others[begin:end] = False
    y = _pooled(x, affine, (2, 1), begin, end)
    above = np.ones_like(y)
    sums, dx = np.full((CLIPS, 2, CHANNELS), 7.0), np.full_like(x, 7)
    means, squares = np.full((2, CLIPS, CHANNELS), 7.0)
    moments(begin, end, x, means, squares)
    affine_relu_pool_sums(begin, end, x, affine, 2, 1, above, sums)
    affine_relu_pool_backward(begin, end, x, affine, affine[:2], 2, 1, above, dx)
    for written in (y, sums, dx, means, squares):
        assert (written[others] == 7).all() and (written[~others] != 7).any(axis=-1).all()
