from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.layers.fused import compiled
from dssd_tf.layers.fused.cross import cross

CLIPS, TIMES, BANDS = 3, 5, 7


def _inputs(channels: int, members: int, dtype: str = "float64") -> dict[str, Any]:
    random = np.random.default_rng(0)
    wide = channels * members
    shapes = {
        "x": (CLIPS, TIMES, BANDS, wide),
        "affine": (3, wide),
        "scale": (wide,),
        "taps": (5, channels),
    }
    return {name: tf.constant(random.normal(size=s), dtype) for name, s in shapes.items()}


def _formula(
    x: Any, affine: Any, scale: Any, taps: Any, *, reach: int, activated: bool
) -> tuple[Any, Any, Any]:
    """The same from TensorFlow's own operations."""
    if activated:
        x = tf.nn.relu(affine[0] * (x - affine[2]) + affine[1])
    s = tf.reduce_sum(tf.reshape(x * scale, (CLIPS, TIMES, BANDS, taps.shape[1], -1)), axis=-1)
    p = tf.pad(s, [(0, 0), (reach, reach), (reach, reach), (0, 0)])
    ends, middle = slice(2 * reach, None), slice(reach, -reach)
    z = (
        taps[0] * s
        + taps[1] * p[:, :TIMES, middle]
        + taps[2] * p[:, ends, middle]
        + taps[3] * p[:, middle, :BANDS]
        + taps[4] * p[:, middle, ends]
    )
    return z, *tf.nn.moments(z, axes=(0, 1, 2))


def _with_gradients(operation: Any, inputs: dict[str, Any], **settings: Any) -> list[Any]:
    random = np.random.default_rng(1)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = operation(**inputs, **settings)
        loss = sum(tf.reduce_sum(y * random.normal(size=y.shape)) for y in outputs)
    # What is not activated has no gradient of the affine.
    gradients = tape.gradient(loss, inputs, unconnected_gradients="zero")
    return [*outputs, *gradients.values()]


@pytest.mark.slow
@pytest.mark.parametrize("activated", [True, False])
@pytest.mark.parametrize("reach", [1, 2, 9])
@pytest.mark.parametrize(("channels", "members"), [(4, 1), (3, 2), (2, 3), (600, 1)])
def test_values_and_gradients_are_those_of_the_formula(
    channels: int, members: int, reach: int, activated: bool
) -> None:
    inputs, settings = _inputs(channels, members), {"reach": reach, "activated": activated}
    found = _with_gradients(cross, inputs, **settings)
    for mine, expected in zip(found, _with_gradients(_formula, inputs, **settings), strict=True):
        np.testing.assert_allclose(mine, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.slow
def test_moments_hold_far_from_zero() -> None:
    inputs = _inputs(4, 1, "float32")
    x = inputs["x"] + 1000.0
    taps = tf.constant(np.eye(5)[:, :1] @ np.ones((1, 4)), tf.float32)
    z, mean, variance = cross(x, inputs["affine"], tf.ones(4), taps, reach=1, activated=False)
    exact = np.asarray(z, np.float64)
    np.testing.assert_allclose(mean, exact.mean((0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(variance, exact.var((0, 1, 2)), rtol=1e-4)


def test_the_number_of_threads_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    def results(threads: int) -> list[Any]:
        monkeypatch.setattr(compiled, "_threads", lambda: threads)
        return _with_gradients(cross, _inputs(4, 2), reach=2, activated=True)

    for one, many in zip(results(1), results(2), strict=True):
        np.testing.assert_array_equal(one, many)


def test_what_is_no_number_stays_none() -> None:
    inputs = _inputs(4, 1)
    x = np.array(inputs["x"])
    x[0, 2, 3, 1] = np.nan
    z, mean, _ = cross(**{**inputs, "x": tf.constant(x)}, reach=2, activated=True)
    assert np.isnan(z[0, 2, 3, 1]) and np.isnan(mean[1]) and np.isfinite(mean[0])
