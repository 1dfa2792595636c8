import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from dssd_tf.quantization.folding import (
    batch_norm_affine,
    cross_kernel,
    dense_pointwise,
    fold_conv,
)


@pytest.fixture
def random():
    return np.random.default_rng(0)


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("epsilon", [1e-5, 0.3])
def test_affine_is_the_batch_normalization_at_inference(random, train_like, scale, center, epsilon):
    x = random.normal(size=(2, 3, 4, 5)).astype("float32")
    inputs = keras.Input((3, 4, 5))
    layer = layers.BatchNormalization(scale=scale, center=center, epsilon=epsilon)
    train_like(keras.Model(inputs, layer(inputs)))
    factor, shift = batch_norm_affine(layer)
    assert factor.shape == shift.shape == (5,)
    np.testing.assert_allclose(layer(x, training=False), x * factor + shift, atol=1e-5)


def test_folded_convolution_equals_convolution_then_affine(random):
    x = random.normal(size=(2, 5, 6, 3)).astype("float32")
    kernel = random.normal(size=(3, 2, 3, 4)).astype("float32")
    bias, scale, shift = random.normal(size=(3, 4)).astype("float32")
    folded_kernel, folded_bias = fold_conv(kernel, bias, scale, shift)
    expected = (np.asarray(keras.ops.conv(x, kernel)) + bias) * scale + shift
    found = np.asarray(keras.ops.conv(x, folded_kernel)) + folded_bias
    np.testing.assert_allclose(found, expected, atol=1e-4)


@given(dilation=st.integers(1, 3), channels=st.integers(1, 4), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_cross_kernel_equals_both_convolutions_summed_then_affine(dilation, channels, seed):
    random = np.random.default_rng(seed)
    x = random.normal(size=(1, 6, 7, channels)).astype("float32")
    along_time = random.normal(size=(3, 1, channels, 1)).astype("float32")
    along_frequency = random.normal(size=(1, 3, channels, 1)).astype("float32")
    scale, shift = random.normal(size=(2, channels)).astype("float32")

    def depthwise(kernel):
        layer = layers.DepthwiseConv2D(
            kernel.shape[:2], padding="same", dilation_rate=dilation, use_bias=False
        )
        layer.build(x.shape)
        layer.set_weights([kernel])
        return np.asarray(layer(x))

    kernel, bias = cross_kernel(along_time, along_frequency, scale, shift)
    assert kernel.shape == (3, 3, channels, 1)
    expected = (depthwise(along_time) + depthwise(along_frequency)) * scale + shift
    np.testing.assert_allclose(depthwise(kernel) + bias, expected, atol=1e-4)


def test_cross_kernel_has_no_corners_and_both_centres():
    kernel, _ = cross_kernel(
        np.full((3, 1, 2, 1), 2.0), np.full((1, 3, 2, 1), 3.0), np.ones(2), np.zeros(2)
    )
    expected = [[0, 2, 0], [3, 5, 3], [0, 2, 0]]
    for channel in (0, 1):
        np.testing.assert_array_equal(kernel[:, :, channel, 0], expected)


@pytest.mark.parametrize(("members", "filters"), [(1, 4), (2, 3), (4, 1)])
def test_dense_pointwise_equals_the_grouped_convolution(random, members, filters):
    x = random.normal(size=(2, 3, 4, members * filters)).astype("float32")
    kernel = random.normal(size=(1, 1, members, filters)).astype("float32")
    grouped = layers.Conv2D(filters, 1, groups=filters, use_bias=False)
    grouped.build(x.shape)
    grouped.set_weights([kernel])
    full = dense_pointwise(kernel)
    assert full.shape == (1, 1, members * filters, filters)
    assert np.count_nonzero(full) == members * filters
    np.testing.assert_allclose(keras.ops.conv(x, full), grouped(x), atol=1e-5)
