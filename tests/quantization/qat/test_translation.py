import keras
import numpy as np
import pytest
from keras import layers

from dssd_tf.errors import ModelError
from dssd_tf.layers.strided_depthwise_conv import StridedDepthwiseConv
from dssd_tf.quantization.qat.translation import translate


def _model(*chain):
    x = inputs = keras.Input((8, 8, 2))
    for layer in chain:
        x = layer(x)
    return keras.Model(inputs, x, name="chain")


def _kinds(*chain):
    return [primitive.kind for primitive in translate(_model(*chain))]


def test_an_activation_inside_a_layer_becomes_a_step():
    assert _kinds(layers.Conv2D(3, 1, activation="sigmoid")) == ["input", "conv", "sigmoid"]


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        (layers.ReLU(), "relu"),
        (layers.ReLU(6.0), "relu6"),
        (layers.ReLU(negative_slope=0.1), "leaky_relu"),
        (layers.LeakyReLU(0.3), "leaky_relu"),
        (layers.Activation("relu"), "relu"),
        (layers.Activation("tanh"), "tanh"),
        (layers.Softmax(), "softmax"),
        (layers.Activation(keras.ops.sqrt), "sqrt"),
    ],
)
def test_activations_by_layer_and_by_name(layer, kind):
    assert _kinds(layer) == ["input", kind]


def test_inputs_are_positions_and_weights_are_arrays():
    inputs = keras.Input((8, 8, 2))
    one, other = layers.Conv2D(3, 1, name="a")(inputs), layers.Conv2D(3, 1, name="b")(inputs)
    model = keras.Model(inputs, layers.Add()([one, other, one]))
    found = {p.name: p for p in translate(model)}
    positions = [p.name for p in translate(model)]
    assert found["a"].inputs == found["b"].inputs == (0,)
    np.testing.assert_array_equal(found["a"].weights[0], model.get_layer("a").kernel)
    first, second = [p for p in translate(model) if p.kind == "add"]
    assert [positions[n] for n in first.inputs] == ["a", "b"]
    assert [positions[n] for n in second.inputs][1] == "a"


def test_unequal_strides_are_a_convolution_at_every_place_and_a_slice():
    found = translate(_model(StridedDepthwiseConv(3, strides=(2, 1), name="dw")))
    assert [p.kind for p in found] == ["input", "depthwise", "slice"]
    assert found[1].options["strides"] == (1, 1)
    assert found[2].options["key"][1:] == (slice(None, None, 2), slice(None, None, 1))


class _Own(layers.Layer):
    def call(self, inputs):
        return inputs * 2.0


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (_Own(name="mine"), ("mine", "_Own")),
        (layers.BatchNormalization(name="norm"), ("norm", "BatchNormalization")),
        (layers.Conv2D(2, 1, activation="softplus", name="odd"), ("odd", "softplus")),
        (layers.ReLU(2.0, name="two"), ("two", "max_value 2.0")),
        (layers.Softmax(axis=1, name="over_time"), ("over_time", "axis 1")),
        (layers.UpSampling2D(name="up"), ("up", "UpSampling2D")),
        (StridedDepthwiseConv(1, strides=1, activation="gelu", name="dw"), ("dw", "gelu")),
    ],
)
def test_what_has_no_primitive_is_named_with_its_type(layer, words):
    with pytest.raises(ModelError) as refused:
        translate(_model(layer))
    assert str(refused.value).startswith(f"{layer.name}: ")
    assert all(word in str(refused.value) for word in words)
    assert "set quantization.method to ptq" in str(refused.value)


def test_a_constant_in_a_sum_is_refused():
    inputs = keras.Input((4, 4, 1))
    with pytest.raises(ModelError, match="a constant in add"):
        translate(keras.Model(inputs, inputs + 1.0))


def test_slices_of_tensors_are_translated_and_others_refused():
    inputs = keras.Input((8, 8, 4))
    found = translate(keras.Model(inputs, inputs[..., :2]))
    assert found[1].options["key"] == (*[slice(None)] * 3, slice(None, 2))
    with pytest.raises(ModelError, match="indexing"):
        translate(keras.Model(inputs, inputs[:, 0]))
