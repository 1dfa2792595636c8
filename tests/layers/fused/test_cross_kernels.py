"""The loops by themselves; that they compute the formula is shown through `cross`."""

from typing import Any

import numpy as np
import pytest

from dssd_tf.layers.fused.cross_kernels import cross_backward, cross_forward

CLIPS, TIMES, BANDS, CHANNELS, REACH = 3, 4, 6, 2, 2


def _inputs(dtype: str) -> dict[str, Any]:
    random = np.random.default_rng(0)
    return {
        "x": random.normal(size=(CLIPS, TIMES, BANDS * CHANNELS)).astype(dtype),
        "affine": random.normal(size=(3, CHANNELS)).astype(dtype),
        "scale": random.normal(size=CHANNELS).astype(dtype),
        "activated": True,
        "taps": random.normal(size=(5, CHANNELS)).astype(dtype),
        "reach": REACH,
    }


def _forward(inputs: dict[str, Any], begin: int = 0, end: int = CLIPS) -> list[np.ndarray]:
    """z, means and squares, filled with 7 before the call."""
    z = np.full_like(inputs["x"], 7)
    means, squares = np.full((2, CLIPS, CHANNELS), 7.0)
    cross_forward(begin, end, *inputs.values(), z, means, squares)
    return [z, means, squares]


def _backward(inputs: dict[str, Any], above: Any, through: Any, begin: int, end: int) -> list[Any]:
    """dx and the gradients of affine, scale and taps by clip, filled with 7 before the call."""
    z = _forward(inputs)[0]
    out = [
        np.full_like(inputs["x"], 7),
        np.full((CLIPS, 2, CHANNELS), 7.0),
        np.full((CLIPS, CHANNELS), 7.0),
        np.full((CLIPS, 5, CHANNELS), 7.0),
    ]
    cross_backward(begin, end, *inputs.values(), z, above, through, *out)
    return out


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_unit_impulse_reaches_five_places(dtype: str) -> None:
    inputs = _inputs(dtype) | {"activated": False, "scale": np.ones(CHANNELS, dtype)}
    x = inputs["x"].reshape(CLIPS, TIMES, BANDS, CHANNELS)
    x[:] = 0
    x[1, 2, 3, 0] = 1
    z = _forward(inputs)[0].reshape(x.shape)
    found = {tuple(map(int, place)): z[tuple(place)] for place in np.argwhere(z)}
    taps = inputs["taps"][:, 0]
    # The centre, the frame that has it earlier (another one has no frame), lower and higher.
    expected = {
        (1, 2, 3, 0): taps[0],
        (1, 0, 3, 0): taps[2],
        (1, 2, 5, 0): taps[3],
        (1, 2, 1, 0): taps[4],
    }
    assert found == expected


def test_means_and_squares_are_each_clips_own() -> None:
    z, means, squares = _forward(_inputs("float64"))
    values = z.reshape(CLIPS, -1, CHANNELS)
    np.testing.assert_allclose(means, values.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(squares, values.var(axis=1) * TIMES * BANDS, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("begin", "end"), [(0, 1), (1, 3), (2, 2)])
def test_only_the_clips_asked_for_are_written_and_as_in_a_whole_call(begin: int, end: int) -> None:
    inputs, asked = _inputs("float32"), np.zeros(CLIPS, bool)
    asked[begin:end] = True
    above, through = np.ones_like(inputs["x"]), np.ones((3, CHANNELS), "float32")
    parts = _forward(inputs, begin, end) + _backward(inputs, above, through, begin, end)
    wholes = _forward(inputs) + _backward(inputs, above, through, 0, CLIPS)
    for part, whole in zip(parts, wholes, strict=True):
        np.testing.assert_array_equal(part[asked], whole[asked])
        assert (part[~asked] == 7).all()


def test_a_step_along_the_gradient_changes_the_loss_by_its_square() -> None:
    inputs = _inputs("float64")
    above = np.random.default_rng(1).normal(size=inputs["x"].shape)
    nothing = np.zeros((3, CHANNELS))
    dx, d_affine, d_scale, d_taps = _backward(inputs, above, nothing, 0, CLIPS)
    d_affine = np.concatenate([d_affine.sum(axis=0), np.zeros((1, CHANNELS))])
    gradients = {"x": dx, "affine": d_affine, "scale": d_scale.sum(axis=0)}
    gradients["taps"] = d_taps.sum(axis=0)
    for name, gradient in gradients.items():

        def loss(step: float, name: str = name, gradient: Any = gradient) -> float:
            moved = inputs | {name: inputs[name] + step * gradient}
            return float((above * _forward(moved)[0]).sum())

        quotient = (loss(1e-7) - loss(-1e-7)) / 2e-7
        assert quotient == pytest.approx(np.square(gradient).sum(), rel=1e-5), name
