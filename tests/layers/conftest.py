"""The harness every layer runs through, and a float64 forward written from the formulas."""

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
import tensorflow as tf

import dssd_tf.layers

# Arguments that every layer refuses at once where they are not from 1 up.
_COUNTS = {"filters", "distilled_filters", "kernel_size", "dilation_rate"}


def _randomize(layer: Any, seed: int = 0) -> Any:
    """Draw every weight, moving statistics too, so that no term of a formula drops out."""
    random = np.random.default_rng(seed)
    for weight in layer.weights:
        if weight.name in ("moving_variance", "gamma"):
            value = random.uniform(0.5, 2.0, weight.shape)
        else:
            value = random.normal(0.0, 0.5, weight.shape)
        weight.assign(value.astype("float32"))
    return layer


def _shapes(outputs: Any) -> list[tuple[int | None, ...]]:
    return [tuple(output.shape) for output in tf.nest.flatten(outputs)]


def _declared_shapes(layer: Any, shape: tuple[int | None, ...]) -> list[tuple[int | None, ...]]:
    declared = layer.compute_output_shape(shape)
    return list(declared) if isinstance(declared[0], tuple) else [declared]


def _values(outputs: Any) -> list[np.ndarray]:
    return [np.asarray(output) for output in tf.nest.flatten(outputs)]


@pytest.fixture(scope="session")
def randomize() -> Callable[..., Any]:
    """Give a built layer or model random weights, and return it."""
    return _randomize


@pytest.fixture
def run_layer_test(tmp_path: Path) -> Callable[..., None]:
    """Check what every layer owes Keras: its configuration, shapes, file, dtypes, gradients."""

    def check(
        layer_class: type[keras.layers.Layer],
        init: dict[str, Any],
        input_shape: tuple[int, ...],
        output_shape: tuple[int, ...],
        outputs: int = 1,
    ) -> None:
        x = np.random.default_rng(1).normal(size=input_shape).astype("float32")
        layer = layer_class(**init)
        for key in _COUNTS & init.keys():
            with pytest.raises(ValueError, match=key):
                layer_class(**{**init, key: 0})
        if "operator" in init:
            with pytest.raises(ValueError, match="unknown operator 'conv'"):
                layer_class(**{**init, "operator": "conv"})

        config = layer.get_config()
        assert {key: config[key] for key in init} == init
        assert layer_class.from_config(config).get_config() == config
        stored = keras.saving.serialize_keras_object(layer)
        assert stored["registered_name"] == f"dssd_tf>{layer_class.__name__}"
        restored = keras.saving.deserialize_keras_object(stored)
        assert type(restored) is layer_class and restored.get_config() == config

        expected = [output_shape] * outputs
        assert _shapes(layer(x)) == expected
        assert _declared_shapes(layer, input_shape) == expected
        symbolic = layer_class(**init)(keras.Input(input_shape[1:]))
        assert _shapes(symbolic) == [(None, *shape[1:]) for shape in expected]

        inputs = keras.Input(input_shape[1:])
        model = keras.Model(inputs, layer_class(**init)(inputs))
        _randomize(model)
        model.save(tmp_path / "layer.keras")
        reloaded = keras.saving.load_model(tmp_path / "layer.keras")
        for before, after in zip(_values(model(x)), _values(reloaded(x)), strict=True):
            np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-6)

        half = layer_class(**init, dtype="mixed_float16")
        for value in _values(half(x)):
            assert value.dtype == np.float16 and np.isfinite(value).all()
        assert {weight.dtype for weight in half.weights} <= {"float32"}

        _randomize(layer)
        with tf.GradientTape() as tape:
            # At inference: training's batch statistics cancel a bias in front of them.
            found = tf.nest.flatten(layer(x, training=False))
            loss = tf.add_n([tf.reduce_sum(y) for y in found])
        variables = layer.trainable_weights
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        for variable, gradient in zip(variables, gradients, strict=True):
            assert gradient is not None and np.abs(gradient).max() > 1e-5, variable.path

        with pytest.raises(ValueError) as refused:
            layer_class(**init, name="probe")(x[..., 0])
        assert "probe" in str(refused.value) and str(input_shape[:3]) in str(refused.value)

    return check


def _batch_normalization(layer: Any, x: np.ndarray) -> np.ndarray:
    gamma, beta, mean, variance = (np.asarray(weight, "float64") for weight in layer.get_weights())
    return (x - mean) / np.sqrt(variance + 1e-5) * gamma + beta


def _pointwise(kernel: Any, bias: Any, x: np.ndarray) -> np.ndarray:
    y = np.einsum("ntfc,cd->ntfd", x, np.asarray(kernel, "float64")[0, 0])
    return y if bias is None else y + np.asarray(bias, "float64")


def _grouped(kernel: Any, x: np.ndarray) -> np.ndarray:
    weights = np.asarray(kernel, "float64")[0, 0]
    members, filters = weights.shape
    parts = [x[..., j * members : (j + 1) * members] @ weights[:, j] for j in range(filters)]
    return np.stack(parts, axis=-1)


def _taps(kernel: Any, x: np.ndarray, axis: int, dilation: int) -> np.ndarray:
    """Three taps a channel along `axis`, `dilation` apart, zeros outside."""
    weights = np.asarray(kernel, "float64").reshape(3, -1)
    pad = [(0, 0)] * 4
    pad[axis] = (dilation, dilation)
    padded, size = np.pad(x, pad), x.shape[axis]
    return sum(weights[k] * np.take(padded, np.arange(size) + k * dilation, axis) for k in range(3))


def _cross_depthwise_conv(layer: Any, x: np.ndarray, dilation: int = 2) -> np.ndarray:
    along_time = _taps(layer.time.kernel, x, 1, dilation)
    return along_time + _taps(layer.frequency.kernel, x, 2, dilation)


def _separable_conv(layer: Any, x: np.ndarray, dilation: int = 2) -> np.ndarray:
    kernel = layer.pointwise.kernel
    mixed = _grouped(kernel, x) if layer.grouped else _pointwise(kernel, None, x)
    summed = _cross_depthwise_conv(layer.cross, mixed, dilation)
    return np.maximum(_batch_normalization(layer.norm, summed), 0)


def _orthonormal_separable_conv(layer: Any, x: np.ndarray, dilation: int = 2) -> np.ndarray:
    mixed = _pointwise(layer.expand.kernel, None, _pointwise(layer.reduce.kernel, None, x))
    summed = _cross_depthwise_conv(layer.cross, mixed, dilation)
    return np.maximum(_batch_normalization(layer.norm, summed), 0)


def _separable_partial_conv(layer: Any, x: np.ndarray, dilation: int = 2) -> np.ndarray:
    quarter = x.shape[-1] // 4
    first = _pointwise(layer.pointwise.kernel, None, x[..., :quarter])
    first = _cross_depthwise_conv(layer.cross, first, dilation)
    mixed = np.concatenate([first, x[..., quarter:]], axis=-1)
    if x.shape[-1] != layer.filters:
        mixed = _pointwise(layer.project.kernel, None, mixed)
    return np.maximum(_batch_normalization(layer.norm, mixed), 0)


_OPERATORS = {
    dssd_tf.layers.SeparableConv: _separable_conv,
    dssd_tf.layers.OrthonormalSeparableConv: _orthonormal_separable_conv,
    dssd_tf.layers.SeparablePartialConv: _separable_partial_conv,
}


def _operator(layer: Any, x: np.ndarray, dilation: int = 2) -> np.ndarray:
    return _OPERATORS[type(layer)](layer, x, dilation)


def _attention(layer: Any, x: np.ndarray) -> np.ndarray:
    taps = np.asarray(layer.conv.kernel, "float64")[:, 0, 0]
    side = len(taps) // 2
    means = np.pad(x.mean(axis=(1, 2)), ((0, 0), (side, side)))
    channels = x.shape[-1]
    gates = sum(tap * means[:, k : k + channels] for k, tap in enumerate(taps))
    return x / (1 + np.exp(-gates))[:, None, None]


def _combined(layer: Any, x: np.ndarray) -> np.ndarray:
    first, second, third = layer.operators
    one, two = (lambda y, c=conv: _pointwise(c.kernel, c.bias, y) for conv in layer.distill)
    if layer.split:
        low, high = np.split(x, 2, axis=2)
        x3 = _operator(third, _operator(second, _operator(first, low)))
        fused = one(low) + two(high) + x3
    else:
        x1 = _operator(first, x)
        x3 = _operator(third, _operator(second, x1))
        fused = np.concatenate([one(x), two(x1), x3], axis=-1)
    y = _pointwise(layer.fuse.kernel, layer.fuse.bias, _attention(layer.attention, fused))
    return _batch_normalization(layer.norm, y)


def _average_pool(x: np.ndarray, time: int, frequency: int) -> np.ndarray:
    clips, frames, bands, channels = x.shape
    x = x[:, : frames // time * time, : bands // frequency * frequency]
    grid = (clips, frames // time, time, bands // frequency, frequency, channels)
    return x.reshape(grid).mean(axis=(2, 4))


def _distilled_block(layer: Any, x: np.ndarray) -> np.ndarray:
    y = np.maximum(_combined(layer, x), 0)
    return _average_pool(y, 2, 1 if layer.split else 2)


def _residual_distilled_block(layer: Any, x: np.ndarray, pool: tuple[int, int]) -> np.ndarray:
    shortcut = sum(np.split(x, 2, axis=2)) if layer.split else x
    if x.shape[-1] != layer.filters:
        shortcut = _pointwise(layer.project.kernel, None, shortcut)
        shortcut = _batch_normalization(layer.project_norm, shortcut)
    return _average_pool(np.maximum(_combined(layer, x) + shortcut, 0), *pool)


@pytest.fixture(scope="session")
def reference() -> SimpleNamespace:
    """Inference in NumPy and float64, by the formulas of the docstrings: f(layer, x)."""
    return SimpleNamespace(
        cross_depthwise_conv=_cross_depthwise_conv,
        grouped_pointwise_conv=lambda layer, x: _grouped(layer.kernel, x),
        attention=_attention,
        distilled_block=_distilled_block,
        residual_distilled_block=_residual_distilled_block,
        batch_normalization=_batch_normalization,
    )


@pytest.fixture(scope="session")
def equals_the_formula() -> Callable[..., None]:
    """Check an operator with random weights against the reference, on a grid of 7 x 6."""

    def check(layer: Any, channels: int, dilation: int) -> None:
        x = np.random.default_rng(0).normal(size=(2, 7, 6, channels)).astype("float32")
        layer.build(x.shape)
        _randomize(layer)
        expected = _operator(layer, x.astype("float64"), dilation)
        assert expected.max() > 0.1
        np.testing.assert_allclose(layer(x, training=False), expected, atol=1e-4)

    return check
