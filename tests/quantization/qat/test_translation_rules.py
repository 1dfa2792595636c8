import keras
import numpy as np
import pytest
from keras import layers, ops

from dssd_tf.errors import ModelError
from dssd_tf.layers import StridedDepthwiseConv
from dssd_tf.quantization.qat.translation import translate
from dssd_tf.quantization.qat.translation_rules import RULES
from dssd_tf.quantization.qat.translator import Translator
from dssd_tf.quantization.qat.twin_layers import make_layer

GRID = (8, 6, 4)


def _model(function, *shape):
    inputs = keras.Input(shape or GRID)
    return keras.Model(inputs, function(inputs), name="net")


def _compute(primitives, x):
    """The output of primitives one by one."""
    values = [x]
    for place, primitive in enumerate(primitives[1:], start=1):
        inputs = [values[index] for index in primitive.inputs]
        layer = make_layer(primitive, f"{primitive.kind}_{place}", inputs[0].shape)
        values.append(layer(inputs[0] if len(inputs) == 1 else inputs))
    return np.asarray(values[-1])


def _shape(layer, *shapes):
    """Shape of what a layer's primitives give, as later layers are told."""
    translator = Translator(RULES)
    inputs = [translator.append("input", layer, shape=(None, *shape)) for shape in shapes]
    return translator.call(layer, *inputs).shape


@pytest.mark.parametrize(
    ("function", "kinds"),
    [
        (layers.Conv2D(6, (3, 2), strides=2, padding="same", groups=2), "conv"),
        (layers.Conv2D(6, 2, dilation_rate=2, use_bias=False, activation="tanh"), "conv tanh"),
        (layers.DepthwiseConv2D(3, depth_multiplier=2, activation="relu"), "depthwise relu"),
        (StridedDepthwiseConv((3, 2), strides=(2, 1), activation="relu"), "depthwise relu slice"),
        (StridedDepthwiseConv(3, strides=(2, 2), padding="same", use_bias=False), "depthwise"),
        (layers.Dense(5, activation="leaky_relu"), "dense leaky_relu"),
        (layers.Dense(5, use_bias=False), "dense"),
        (layers.ReLU(negative_slope=0.3), "leaky_relu"),
        (layers.LeakyReLU(0.1), "leaky_relu"),
        (layers.Softmax(axis=3), "softmax"),
        (layers.Activation("linear"), ""),
        (layers.Cropping2D(((1, 2), (0, 3))), "slice"),
        (layers.Cropping2D(((0, 1), (2, 0)), data_format="channels_first"), "slice"),
        (layers.ZeroPadding2D(((1, 0), (0, 2))), "pad"),
        (layers.AveragePooling2D((3, 2), strides=(2, 1), padding="same"), "average_pool"),
        (layers.MaxPooling2D((2, 3)), "max_pool"),
        (layers.GlobalAveragePooling2D(), "mean"),
        (layers.GlobalMaxPooling2D(keepdims=True), "maximum"),
        (layers.Reshape((-1, 12)), "reshape"),
        (layers.Flatten(), "reshape"),
        (layers.Dropout(0.5), ""),
        (lambda x: layers.Concatenate(axis=2)([x, x]), "concatenate"),
        (lambda x: layers.Add()([x, x, x]), "add add"),
        (lambda x: layers.Subtract()([x, ops.square(x)]), "multiply subtract"),
        (lambda x: x * layers.GlobalAveragePooling2D(keepdims=True)(x), "mean multiply"),
        (lambda x: x / (ops.square(x) + ops.sqrt(ops.square(x))), None),
        (lambda x: ops.divide(x, ops.rsqrt(ops.square(x))), "multiply rsqrt divide"),
        (lambda x: ops.concatenate([ops.relu(x), ops.sigmoid(x)], axis=-2), None),
        (lambda x: ops.mean(x, axis=(1, -2), keepdims=True), "mean"),
        (lambda x: ops.sum(x, axis=-1), "sum"),
        (lambda x: x[:, 1:-1, ::2], "slice"),
        (lambda x: x[..., -2:], "slice"),
    ],
)
def test_primitives_compute_what_the_layer_does(train_like, function, kinds):
    model = train_like(_model(function))
    primitives = translate(model)
    if kinds is not None:
        assert [primitive.kind for primitive in primitives[1:]] == kinds.split()
    x = np.random.default_rng(3).normal(size=(3, *GRID)).astype("float32")
    expected = np.asarray(model(x, training=False))
    found = _compute(primitives, x)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize(
    "layer",
    [
        layers.Conv2D(6, 3, strides=2),
        StridedDepthwiseConv((3, 2), strides=(2, 1)),
        layers.Dense(5),
        layers.Cropping2D(((1, 2), (0, 3))),
        layers.ZeroPadding2D(2),
        layers.MaxPooling2D(3, padding="same"),
        layers.GlobalAveragePooling2D(keepdims=True),
        layers.Reshape((-1, 2)),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_later_layers_are_told_the_shape_that_comes_out(layer):
    layer.build((None, *GRID))
    for shape in (GRID, (None, 6, 4)):
        assert _shape(layer, shape) == tuple(layer.compute_output_shape((None, *shape)))


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (GRID, GRID, GRID),
        (GRID, (1, 1, 4), GRID),
        ((1, 6, 1), GRID, GRID),
        ((None, 6, 4), (None, 6, 4), (None, 6, 4)),
        ((None, 6, 4), (1, 1, 4), (None, 6, 4)),
    ],
)
def test_a_sum_has_the_shape_of_both(one, other, both):
    translator, layer = Translator(RULES), layers.Add()
    inputs = [translator.append("input", layer, shape=(None, *shape)) for shape in (one, other)]
    assert translator.call(layer, inputs).shape == (None, *both)


@pytest.mark.parametrize(
    "layer",
    [
        layers.Conv2D(2, 1, data_format="channels_first", name="odd"),
        layers.DepthwiseConv2D(1, data_format="channels_first", name="odd"),
        layers.ZeroPadding2D(1, data_format="channels_first", name="odd"),
        layers.AveragePooling2D(2, data_format="channels_first", name="odd"),
        layers.GlobalMaxPooling2D(data_format="channels_first", name="odd"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_channels_first_is_refused_by_name(layer):
    with pytest.raises(ModelError, match="odd: data_format 'channels_first' has no form"):
        _shape(layer, GRID)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (layers.DepthwiseConv2D(3, strides=(2, 1), padding="same"), r"\(2, 1\) with padding"),
        (layers.ReLU(threshold=0.5), "threshold 0.5, max_value None"),
        (layers.ReLU(max_value=6.0, negative_slope=0.1), "max_value 6"),
        (layers.Softmax(axis=-2), "softmax over axis -2"),
        (layers.Softmax(axis=(1, 3)), r"softmax over axis \(1, 3\)"),
    ],
)
def test_settings_that_the_runtime_lacks_are_refused(layer, words):
    layer.build((None, *GRID))
    with pytest.raises(ModelError, match=f"{layer.name}: .*{words}"):
        _shape(layer, GRID)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: 2.0 * x, "a constant in multiply"),
        (lambda x: ops.divide(1.0, x), "a constant in divide"),
        (lambda x: x[:, 0], "indexing by"),
        (lambda x: x[:, None], "indexing by"),
    ],
)
def test_operations_with_more_than_tensors_are_refused(function, words):
    with pytest.raises(ModelError, match=words):
        translate(_model(function))
