import re

import keras
import numpy as np
import pytest
from keras import layers, ops

import dssd_tf.layers as room
from dssd_tf.errors import ModelError
from dssd_tf.quantization.deploy.graph import build, order
from dssd_tf.quantization.deploy.translate import KERAS_LAYERS, RULES, translate

GRID = (6, 4, 2)


def _model(function, shape=GRID):
    inputs = keras.Input(shape)
    return keras.Model(inputs, function(inputs), name="net")


def _kinds(model):
    return [step.kind for step in order(translate(model))[1:]]


def _same(model):
    x = np.random.default_rng(6).normal(size=(3, *model.input_shape[1:])).astype("float32")
    expected = np.asarray(model(x, training=False))
    found = np.asarray(build(translate(model), "net")(x))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def _twice(x):
    return 2 * x


class _Softer(layers.ReLU):
    """A subclass that computes something else."""

    def call(self, inputs):
        return ops.softplus(inputs)


def test_the_input_is_called_features_whatever_it_was_called_before():
    inputs = keras.Input((None, 4, 2), name="spectrogram")
    source, _ = order(translate(keras.Model(inputs, layers.ReLU()(inputs))))
    assert source.kind is None and source.name == "features"
    assert source.shape == (None, None, 4, 2)


def test_every_layer_of_the_package_has_a_rule():
    found = [getattr(room, name) for name in room.__all__]
    ours = {kind for kind in found if isinstance(kind, type) and issubclass(kind, layers.Layer)}
    assert ours and ours <= set(RULES)


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (lambda x: x + x, layers.Add),
        (lambda x: ops.subtract(x, layers.ReLU()(x)), layers.Subtract),
        (lambda x: x * x, layers.Multiply),
        (lambda x: ops.maximum(x, layers.Softmax()(x)), layers.Maximum),
        (lambda x: ops.minimum(x, layers.Softmax()(x)), layers.Minimum),
        (lambda x: layers.Average()([x, layers.ReLU()(x)]), layers.Average),
        (ops.relu, layers.Activation),
        (ops.sigmoid, layers.Activation),
        (ops.tanh, layers.Activation),
    ],
)
def test_operations_on_tensors_become_layers(function, kind):
    model = _model(function)
    assert _kinds(model)[-1] is kind
    _same(model)


def test_models_within_models_are_read_through(train_like):
    inner = keras.Sequential([layers.Conv2D(3, 1), layers.BatchNormalization()])
    outer = _model(lambda x: layers.ReLU()(inner(x)))
    model = train_like(_model(lambda x: outer(x)))
    assert _kinds(model) == [layers.Conv2D, layers.DepthwiseConv2D, layers.ReLU]
    _same(model)


def test_a_shared_layer_is_as_many_steps_as_calls():
    conv = layers.Conv2D(2, 1, activation="relu")
    model = _model(lambda x: conv(conv(x)))
    assert _kinds(model) == [layers.Conv2D] * 2
    _same(model)


def test_what_does_nothing_leaves_no_step():
    model = _model(lambda x: layers.Dropout(0.5)(layers.Identity()(x)))
    assert _kinds(model) == []


def test_a_layer_with_two_outputs_gives_both():
    def swapped(x):
        low, high = room.FrequencySplit()(x)
        return layers.Concatenate(axis=2)([high, low])

    _same(_model(swapped))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (_Softer(name="soft"), r"'soft' \(_Softer\)"),
        (layers.LayerNormalization(name="norm"), r"'norm' \(LayerNormalization\)"),
        (lambda x: x + 1.0, r"'add\w*' \(Add\)"),
        (lambda x: x[:, 1:], r"'get_item\w*' \(GetItem\)"),
        (lambda x: ops.softmax(x), r"'softmax\w*' \(Softmax\)"),
        (lambda x: ops.mean(x, axis=1), r"'mean\w*' \(Mean\)"),
    ],
    ids=["subclass", "layer", "constant", "slice", "softmax", "mean"],
)
def test_what_has_no_rule_is_refused_with_name_and_type(function, words):
    with pytest.raises(ModelError, match=f"layer {words} has no deploy form") as refused:
        translate(_model(function))
    assert "build the model from" in refused.value.fix
    assert "AveragePooling2D, BatchNormalization, Concatenate" in refused.value.fix


def test_the_howto_lists_every_layer_of_keras_that_is_taken(repository):
    text = (repository / "docs" / "howto" / "layers.md").read_text(encoding="utf-8")
    _, _, listed = text.partition("Taken of Keras's own layers:")
    listed, _, _ = listed.partition(".\n")
    assert re.findall(r"\w+", listed) == KERAS_LAYERS


@pytest.mark.parametrize("function", [_twice, ops.square], ids=["own", "keras"])
@pytest.mark.parametrize(
    "make",
    [layers.Activation, lambda function, name: layers.Dense(2, function, name=name)],
    ids=["activation", "dense"],
)
def test_an_activation_that_keras_cannot_name_is_refused_with_the_layer(make, function):
    with pytest.raises(ModelError, match="'odd'"):
        translate(_model(make(function, name="odd")))


def test_a_merge_of_one_tensor_is_that_tensor():
    _same(_model(lambda x: layers.Add()([layers.ReLU()(x)])))
