import keras
import numpy as np
import pytest
from keras import layers

from dssd_tf.errors import ModelError
from dssd_tf.layers import StridedDepthwiseConv
from dssd_tf.quantization.deploy.graph import Step, build, order
from dssd_tf.quantization.deploy.keras_rules import RULES

GRID = (8, 6, 4)


def _source(*shape):
    return Step(None, name="features", shape=(None, *shape))


def _rule(layer, *shapes):
    """What the layer's rule makes of inputs of these shapes, once the layer is built."""
    layer(*[np.zeros((1, *shape), "float32") for shape in shapes])
    return RULES[type(layer)](layer, layer.name, *[_source(*shape) for shape in shapes])


def _same(layer, output, shape):
    x = np.random.default_rng(2).normal(size=(3, *shape)).astype("float32")
    found = np.asarray(build(output, "net")(x))
    np.testing.assert_allclose(found, layer(x, training=False), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "layer",
    [
        layers.Conv2D(6, (3, 2), strides=2, padding="same", groups=2, activation="relu"),
        layers.Conv2D(6, 2, dilation_rate=(2, 1), use_bias=False, activation="tanh"),
        layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", activation="relu6"),
        StridedDepthwiseConv((2, 3), strides=(2, 1), use_bias=False),
        layers.SeparableConv2D(5, 3, strides=2, depth_multiplier=2, activation="relu"),
        layers.SeparableConv2D(5, 3, dilation_rate=2, padding="same", use_bias=False),
        layers.Dense(5, activation="sigmoid"),
        layers.Dense(5, use_bias=False),
        layers.BatchNormalization(),
        layers.BatchNormalization(center=False, scale=False),
        layers.BatchNormalization(axis=2),
        layers.AveragePooling2D((2, 3), strides=(1, 2)),
        layers.AveragePooling2D(3, padding="same"),
        layers.Conv2DTranspose(3, 2, strides=2, kernel_regularizer="l2"),
        layers.PReLU(shared_axes=(1, 2), alpha_initializer="ones"),
        layers.Activation(keras.activations.elu),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_layer_and_its_steps_compute_the_same(layer, train_like):
    _rule(layer, GRID)
    train_like(keras.Sequential([keras.Input(GRID), layer]))
    _same(layer, _rule(layer, GRID), GRID)


@pytest.mark.parametrize("layer", [layers.Dropout(0.9), layers.GaussianNoise(1.0)])
def test_what_does_nothing_at_inference_is_the_step_before(layer):
    assert _rule(layer, GRID).kind is None


@pytest.mark.parametrize(
    "layer",
    [
        layers.Conv2D(2, 1),
        layers.DepthwiseConv2D(1),
        layers.SeparableConv2D(2, 1),
        layers.Dense(2),
        layers.Conv2D(2, 1, activation="linear"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_linear_steps_say_so_and_have_a_bias(layer):
    step = _rule(layer, GRID)
    assert step.config["activation"] is None
    assert len(step.weights) == 2 and not step.weights[1].any()


def test_names_follow_the_layer():
    output = _rule(layers.SeparableConv2D(2, 3, name="both"), GRID)
    assert [step.name for step in order(output)[1:]] == ["both_depthwise", "both_pointwise"]


def test_a_normalization_of_five_axes_stays_one(train_like):
    layer, shape = layers.BatchNormalization(), (2, 3, 2, 4)
    _rule(layer, shape)
    train_like(keras.Sequential([keras.Input(shape), layer]))
    step = _rule(layer, shape)
    assert step.kind is layers.BatchNormalization
    _same(layer, step, shape)


def test_weights_are_those_of_the_moment():
    layer = layers.Conv2D(2, 1)
    step = _rule(layer, GRID)
    before = step.weights[0].copy()
    layer.kernel.assign(layer.kernel + 1)
    np.testing.assert_array_equal(step.weights[0], before)


@pytest.mark.parametrize(
    "layer",
    [
        layers.Conv2D(2, 1, data_format="channels_first", name="odd"),
        layers.DepthwiseConv2D(1, data_format="channels_first", name="odd"),
        layers.SeparableConv2D(2, 1, data_format="channels_first", name="odd"),
        layers.AveragePooling2D(1, data_format="channels_first", name="odd"),
        layers.Cropping2D(0, data_format="channels_first", name="odd"),
        layers.ZeroPadding2D(0, data_format="channels_first", name="odd"),
        layers.GlobalAveragePooling2D(data_format="channels_first", name="odd"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_channels_first_is_refused_with_name_and_type(layer):
    layer.build((None, *GRID))
    with pytest.raises(ModelError, match=rf"'odd' \({type(layer).__name__}\) has the channels"):
        RULES[type(layer)](layer, layer.name, _source(*GRID))
