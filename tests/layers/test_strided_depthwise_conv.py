import keras
import numpy as np
import pytest

from dssd_tf.layers import StridedDepthwiseConv


@pytest.mark.parametrize(
    ("strides", "shape"),
    [((1, 2), (2, 4, 3, 5)), ((3, 1), (2, 2, 6, 5)), ((2, 2), (2, 2, 3, 5))],
)
def test_harness(run_layer_test, strides, shape):
    run_layer_test(
        StridedDepthwiseConv, {"kernel_size": (3, 3), "strides": strides}, (2, 6, 8, 5), shape
    )


@pytest.mark.parametrize("strides", [(1, 2), (2, 1), (3, 2)])
def test_it_keeps_every_nth_output_of_the_plain_convolution(strides):
    x = np.random.default_rng(0).normal(size=(2, 9, 10, 4)).astype("float32")
    layer = StridedDepthwiseConv(3, strides=strides, bias_initializer="random_normal")
    plain = keras.layers.DepthwiseConv2D(3)
    layer.build(x.shape)
    plain.build(x.shape)
    plain.set_weights(layer.get_weights())
    expected = np.asarray(plain(x))[:, :: strides[0], :: strides[1]]
    found = np.asarray(layer(x))
    assert found.shape == layer.compute_output_shape(x.shape)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("options", [{"padding": "same"}, {"dilation_rate": 2}])
def test_what_it_cannot_do_is_refused(options):
    with pytest.raises(ValueError, match="unequal strides"):
        StridedDepthwiseConv(3, strides=(1, 2), **options)
