import keras
import numpy as np
import pytest
from keras import layers

from dssd_tf.errors import ModelError
from dssd_tf.quantization.qat.translator import Tensor, Translator, unsupported


class _Plain(layers.Layer):
    """A layer that the rule below knows."""


class _Fancy(_Plain):
    """A subclass, which may compute something else."""


def _rule(t, layer, x, factor=1):
    return t.append("multiply", layer, [x, x], factor=factor)


@pytest.fixture
def translator():
    return Translator({_Plain: _rule})


@pytest.fixture
def source(translator):
    """The input, of an open batch and time."""
    return translator.append("input", _Plain(name="net"), shape=(None, None, 8, 2))


def test_an_appended_primitive_keeps_everything_and_is_numbered(translator, source):
    layer = layers.Dense(3, name="head")
    weights = [keras.Variable(np.ones((2, 3))), [0.0, 1.0, 2.0]]
    y = translator.append("dense", layer, [source], [None, 8, 3], weights, units=3)
    assert y == Tensor(1, (None, 8, 3))
    primitive = translator.primitives[1]
    assert (primitive.kind, primitive.name, primitive.inputs) == ("dense", "head", (0,))
    assert primitive.options == {"units": 3} and primitive.activation is None
    assert all(type(weight) is np.ndarray for weight in primitive.weights)
    np.testing.assert_array_equal(primitive.weights[1], [0, 1, 2])


def test_weights_are_those_of_the_moment(translator, source):
    layer = layers.Dense(3)
    layer.build((None, 2))
    translator.append("dense", layer, [source], weights=[layer.kernel])
    before = translator.primitives[1].weights[0].copy()
    layer.kernel.assign(layer.kernel + 1)
    np.testing.assert_array_equal(translator.primitives[1].weights[0], before)


def test_without_a_shape_it_is_that_of_the_first_input(translator, source):
    other = translator.append("mean", _Plain(), [source], (None, 2))
    y = translator.append("add", _Plain(), [source, other])
    assert y == Tensor(2, source.shape)
    assert translator.primitives[2].inputs == (0, 1)


@pytest.mark.parametrize(
    "name", ["relu", "relu6", "sigmoid", "tanh", "softmax", "leaky_relu", "sqrt", "rsqrt"]
)
def test_an_activation_is_a_primitive_of_its_name(translator, source, name):
    function = getattr(keras.activations, name, None) or getattr(keras.ops, name)
    y = translator.activate(_Plain(name="act"), source, function)
    assert y == Tensor(1, source.shape)
    assert (translator.primitives[1].kind, translator.primitives[1].name) == (name, "act")


def test_leaky_relu_as_a_function_has_the_slope_of_the_function(translator, source):
    translator.activate(_Plain(), source, keras.activations.leaky_relu)
    slope = translator.primitives[1].options["negative_slope"]
    x = keras.ops.convert_to_tensor([-3.0])
    assert float(keras.activations.leaky_relu(x)[0]) == pytest.approx(-3 * slope)


def test_a_linear_activation_is_nothing(translator, source):
    assert translator.activate(_Plain(), source, keras.activations.linear) is source
    assert len(translator.primitives) == 1


@pytest.mark.parametrize("function", [keras.activations.gelu, layers.PReLU(name="own")])
def test_an_activation_without_a_primitive_is_refused(translator, source, function):
    with pytest.raises(ModelError, match=r"odd: activation .* has no form"):
        translator.activate(_Plain(name="odd"), source, function)
    assert len(translator.primitives) == 1


def test_a_call_follows_the_rule_without_what_keras_adds(translator, source):
    y = translator.call(_Plain(name="own"), source, factor=3, training=False, mask=None)
    assert y == Tensor(1, source.shape)
    assert translator.primitives[1].options == {"factor": 3}


@pytest.mark.parametrize("layer", [_Fancy(name="odd"), layers.Dense(2, name="odd")])
def test_a_call_of_what_has_no_rule_is_refused_with_its_type(translator, source, layer):
    with pytest.raises(ModelError, match=f"odd: a layer of type {type(layer).__name__} has no"):
        translator.call(layer, source)


def test_a_refusal_says_what_to_do():
    error = unsupported(layers.Dense(2, name="head"), "axis 3")
    assert str(error).startswith("head: axis 3 has no form for quantization-aware training — ")
    assert "set quantization.method to ptq" in error.fix
