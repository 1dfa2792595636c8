import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.quantization.qat.primitive import Primitive
from dssd_tf.quantization.qat.twin_layers import Operation, make_layer, weight_name

X = np.random.default_rng(0).normal(size=(2, 4, 6, 3)).astype("f4")


def _run(kind, *inputs, activation=None, **options):
    layer = Operation(Primitive(kind, kind, (), options, (), activation), kind)
    return np.asarray(layer(inputs[0] if len(inputs) == 1 else list(inputs)))


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("relu6", {}, np.clip(X, 0, 6)),
        ("leaky_relu", {"negative_slope": 0.25}, np.where(X > 0, X, 0.25 * X)),
        ("slice", {"key": (slice(None), slice(1, 3), slice(None, None, 2))}, X[:, 1:3, ::2]),
        ("pad", {"padding": ((1, 0), (0, 2))}, np.pad(X, ((0, 0), (1, 0), (0, 2), (0, 0)))),
        ("mean", {"axis": (1, 2), "keepdims": True}, X.mean((1, 2), keepdims=True)),
        ("maximum", {"axis": (1, 2), "keepdims": False}, X.max((1, 2))),
        ("sum", {"axis": (3,), "keepdims": True}, X.sum(3, keepdims=True)),
        ("reshape", {"target_shape": (12, 6)}, X.reshape(2, 12, 6)),
        (
            "average_pool",
            {"pool_size": (2, 3), "strides": (2, 3), "padding": "valid"},
            X.reshape(2, 2, 2, 2, 3, 3).mean((2, 4)),
        ),
        (
            "max_pool",
            {"pool_size": (2, 3), "strides": (2, 3), "padding": "valid"},
            X.reshape(2, 2, 2, 2, 3, 3).max((2, 4)),
        ),
    ],
)
def test_operations_of_one_tensor(kind, options, expected):
    np.testing.assert_allclose(_run(kind, X, **options), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "function"),
    [("add", np.add), ("subtract", np.subtract), ("multiply", np.multiply), ("divide", np.divide)],
)
def test_operations_of_two_tensors(kind, function):
    np.testing.assert_allclose(_run(kind, X, X[:, :1, :1]), function(X, X[:, :1, :1]), rtol=1e-6)
    both = _run("concatenate", X, 2 * X, axis=2)
    np.testing.assert_array_equal(both, np.concatenate([X, 2 * X], 2))


def test_a_fused_activation_is_computed_along():
    np.testing.assert_allclose(_run("add", X, X, activation="relu"), np.maximum(2 * X, 0))


def test_layers_with_weights_have_those_of_the_primitive():
    random = np.random.default_rng(1)
    kernel = random.normal(size=(3, 1, 3, 2)).astype("f4")
    bias = random.normal(size=6).astype("f4")
    options = {"strides": (1, 1), "padding": "same", "dilation_rate": (2, 1)}
    primitive = Primitive("depthwise", "dw", (0,), options, (kernel, bias), "relu")
    found = make_layer(primitive, "dw", X.shape)(X)
    expected = tf.nn.depthwise_conv2d(X, kernel, (1, 1, 1, 1), "SAME", dilations=(2, 1)) + bias
    np.testing.assert_allclose(found, np.maximum(expected, 0), atol=1e-5)
    assert weight_name(primitive) == "depthwise_kernel"
    assert weight_name(Primitive("add", "sum")) is None
