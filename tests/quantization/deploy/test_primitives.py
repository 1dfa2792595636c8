import keras
import numpy as np
import pytest
from keras import layers

from dssd_tf.layers import StridedDepthwiseConv
from dssd_tf.quantization.deploy import primitives as p
from dssd_tf.quantization.deploy.graph import Step, build, order

RANDOM = np.random.default_rng(3)


def _numbers(*shape):
    return RANDOM.normal(size=shape).astype("float32")


def _source(*shape):
    return Step(None, name="features", shape=(None, *(shape or (6, 5, 4))))


def _run(output, x):
    return np.asarray(build(output, "net")(x))


def test_a_convolution_without_bias_gets_one_of_zeros():
    kernel, x = _numbers(3, 2, 2, 6), _numbers(2, 6, 5, 4)
    settings = {"strides": (2, 2), "padding": "same", "groups": 2}
    step = p.conv(_source(), kernel, None, "conv", activation="relu", **settings)
    np.testing.assert_array_equal(step.weights[1], np.zeros(6))
    layer = layers.Conv2D(6, (3, 2), use_bias=False, activation="relu", **settings)
    layer.build(x.shape)
    layer.set_weights([kernel])
    np.testing.assert_allclose(_run(step, x), layer(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("strides", [(1, 1), (2, 2), (2, 1), (1, 3)])
def test_a_depthwise_convolution_takes_unequal_strides_too(strides):
    kernel, bias, x = _numbers(2, 2, 4, 2), _numbers(8), _numbers(2, 6, 5, 4)
    step = p.depthwise(_source(), kernel, bias, "depthwise", strides=strides)
    assert (step.kind is StridedDepthwiseConv) == (strides[0] != strides[1])
    every = p.depthwise(_source(), kernel, bias, "depthwise")
    expected = _run(every, x)[:, :: strides[0], :: strides[1]]
    np.testing.assert_allclose(_run(step, x), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(4,), (5, 4), (3, 5, 4), (None, 4), (None, 5, 4)])
def test_scale_and_shift_keep_the_shape_of_every_rank(shape):
    scale, shift = _numbers(4), _numbers(4)
    step = p.affine(_source(*shape), scale, shift, "affine", activation="relu")
    assert step.shape == (None, *shape)
    x = _numbers(3, *(size or 7 for size in shape))
    expected = np.maximum(x * scale + shift, 0)
    np.testing.assert_allclose(_run(step, x), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("start", "stop"), [(0, 2), (1, 3), (3, 4), (0, 4)])
def test_channels_are_a_slice_of_the_last_axis(start, stop):
    x = _numbers(2, 6, 5, 4)
    step = p.channels(_source(), start, stop, "part")
    assert step.channels == stop - start
    np.testing.assert_array_equal(_run(step, x), x[..., start:stop])


def test_a_crop_takes_rows_from_both_ends_of_both_axes():
    x = _numbers(2, 6, 5, 4)
    step = p.crop(_source(), (1, 2), (0, 3), "part")
    np.testing.assert_array_equal(_run(step, x), x[:, 1:-2, :-3])


def test_joins_and_reductions_are_those_of_arrays():
    x, source = _numbers(2, 6, 5, 4), _source()
    np.testing.assert_array_equal(
        _run(p.concatenate(source, p.reshape(source, (6, 5, 4), "same"), name="both"), x),
        np.concatenate([x, x], axis=-1),
    )
    mean = p.mean(source, "mean")
    assert mean.shape == (None, 1, 1, 4)
    average = x.mean(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(
        _run(p.multiply(source, mean, name="scaled"), x), x * average, atol=1e-5
    )
    np.testing.assert_allclose(_run(p.add(source, mean, name="sum"), x), x + average, atol=1e-5)


def test_an_activation_is_a_name_or_a_function():
    x = np.abs(_numbers(2, 6, 5, 4))
    named = p.activation(_source(), "sigmoid", "gate")
    np.testing.assert_allclose(_run(named, x), 1 / (1 + np.exp(-x)), rtol=1e-5)
    function = p.activation(_source(), keras.ops.sqrt, "root")
    np.testing.assert_allclose(_run(function, x), np.sqrt(x), rtol=1e-5)


@pytest.mark.parametrize(
    ("size", "strides"),
    [((2, 2), (2, 2)), ((3, 2), (1, 1)), ((1, 1), (2, 2)), ((2, 1), (2, 1)), ((4, 1), (4, 1))],
)
def test_a_pool_as_a_convolution_gives_the_same_means(size, strides):
    x, pool = _numbers(2, 6, 5, 4), p.average_pool(_source(), size, strides, "pool")
    step = p.pool_by_convolution(pool)
    assert step.name == "pool" and step.shape == pool.shape
    assert layers.AveragePooling2D not in {each.kind for each in order(step)}
    np.testing.assert_allclose(_run(step, x), _run(pool, x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "size", "strides"),
    [
        ((6, 5, 4), (1, 2), (1, 2)),
        ((6, 5, 4), (2, 2), (2, 1)),
        ((6, 5, 4), (3, 1), (2, 1)),
        ((None, 5, 4), (2, 1), (2, 1)),
        ((6, None, 4), (2, 1), (2, 1)),
    ],
)
def test_a_pool_that_no_convolution_computes_is_left(shape, size, strides):
    assert p.pool_by_convolution(p.average_pool(_source(*shape), size, strides, "pool")) is None


def test_a_pool_over_an_open_grid_with_equal_strides_stays_open():
    step = p.pool_by_convolution(p.average_pool(_source(None, 6, 4), (2, 2), (2, 2), "pool"))
    assert step.shape == (None, None, 3, 4)
    x = _numbers(2, 8, 6, 4)
    expected = x.reshape(2, 4, 2, 3, 2, 4).mean(axis=(2, 4))
    np.testing.assert_allclose(_run(step, x), expected, rtol=1e-5, atol=1e-6)
