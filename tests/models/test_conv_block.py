import keras
import numpy as np
import pytest

from dssd_tf.models.conv_block import conv_bn_relu


def _model(**options):
    inputs = keras.Input((6, 8, 2))
    return keras.Model(inputs, conv_bn_relu(inputs, name="cbr", **options))


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({"filters": 3, "kernel_size": 3}, (None, 6, 8, 3)),
        ({"filters": 3, "kernel_size": 3, "strides": 2}, (None, 3, 4, 3)),
        ({"filters": 3, "kernel_size": 5, "strides": 2, "padding": 1}, (None, 2, 3, 3)),
        ({"filters": None, "kernel_size": 3, "strides": (1, 2)}, (None, 6, 4, 2)),
        ({"filters": 4, "kernel_size": 1, "groups": 2}, (None, 6, 8, 4)),
    ],
)
def test_shapes(options, shape):
    assert _model(**options).output_shape == shape


def test_a_strided_kernel_is_centred_on_the_first_pixel():
    model = _model(filters=1, kernel_size=3, strides=2, activation=False)
    kernel = np.zeros((3, 3, 2, 1), "float32")
    kernel[1, 1, 0, 0] = 1
    model.get_layer("cbr_conv").set_weights([kernel])
    x = np.random.default_rng(0).normal(size=(1, 6, 8, 2)).astype("float32")
    found = np.asarray(model(x, training=False))
    np.testing.assert_allclose(found[..., 0], x[:, ::2, ::2, 0], atol=1e-4)


def test_relu_only_where_asked():
    x = np.random.default_rng(0).normal(size=(1, 6, 8, 2)).astype("float32")
    assert np.asarray(_model(filters=3, kernel_size=1)(x)).min() >= 0
    assert np.asarray(_model(filters=3, kernel_size=1, activation=False)(x)).min() < 0
