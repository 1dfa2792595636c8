import keras
import numpy as np
import pytest
from keras import layers

import dssd_tf.layers as room
from dssd_tf.errors import ModelError
from dssd_tf.models import create_model, list_models, load_model, save_model
from dssd_tf.quantization.deploy.passes import simplify
from dssd_tf.quantization.deploy_form import deploy_form

OURS = tuple(item for name in room.__all__ if isinstance(item := getattr(room, name), type))


def _agree(model, deployed, x):
    expected = np.asarray(model(x, training=False))
    assert expected.std(axis=0).max() > 1e-3  # else any constant would agree
    atol = 1e-4 * max(1, np.abs(expected).max())
    np.testing.assert_allclose(deployed(x, training=False), expected, rtol=0, atol=atol)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pattern", "changes"),
    [
        ("dsmn_s", "SS", {}),
        ("dsmn_f", "FF", {"input_shape": (15, 17, 1)}),
        ("dsmn_sf", "SF", {"classifier_activation": "softmax"}),
        ("dssdn_large", "SF", {}),
        ("dssdn_large", "FS", {"distilled_width": 5}),
        ("dssdn_large", "SF", {"distilled_width": "same", "operator": "sc_g"}),
        ("dssdn_middle", "SF", {}),
        ("dssdn_middle", "FS", {"distilled_width": "same"}),
        ("dssdn_small", "SF", {"input_shape": (15, 18, 1)}),
        ("dssdn_small", "FS", {"distilled_width": "same", "widths": (9, 8)}),
    ],
)
def test_networks_compute_the_same_in_primitives_without_normalization(
    narrow, clips, name, pattern, changes
):
    model = narrow(name, pattern, **changes)
    deployed = deploy_form(model)
    assert deployed.input_shape == model.input_shape
    assert deployed.output_shape == model.output_shape
    forbidden = (*OURS, layers.BatchNormalization, layers.Dropout)
    assert not [layer.name for layer in deployed.layers if isinstance(layer, forbidden)]
    _agree(model, deployed, clips(5, model.input_shape[1:]))


@pytest.mark.parametrize(
    "layer",
    [
        room.OrthonormalSeparableConv(8, name="op"),
        room.OrthonormalSeparableConv(5, dilation_rate=1, name="op"),
        room.SeparablePartialConv(8, name="op"),
        room.SeparablePartialConv(5, dilation_rate=3, name="op"),
        room.CrossDepthwiseConv(name="op"),
        room.CrossDepthwiseConv(1, name="op"),
    ],
    ids=lambda layer: f"{type(layer).__name__}-{getattr(layer, 'filters', 8)}",
)
def test_an_operator_alone_is_one_dilated_depthwise_convolution_and_pointwise_ones(
    train_like, clips, layer
):
    inputs = keras.Input((9, 10, 8))
    model = train_like(keras.Model(inputs, layers.Flatten()(layer(inputs))))
    deployed = deploy_form(model)
    convolutions = (layers.Conv2D, layers.DepthwiseConv2D)
    found = [item for item in deployed.layers if isinstance(item, convolutions)]
    assert not [item.name for item in deployed.layers if isinstance(item, OURS)]
    spatial = [item for item in found if item.kernel_size != (1, 1)]
    assert [item.kernel_size for item in spatial] == [(3, 3)]
    assert spatial[0].dilation_rate == (layer.dilation_rate,) * 2
    assert (
        len(found)
        == {
            "OrthonormalSeparableConv": 2,  # P1 and P2, no dearer merged, and the depthwise one
            "SeparablePartialConv": 3,  # Q, the depthwise one, the rest's scale or the projection
            "CrossDepthwiseConv": 1,
        }[type(layer).__name__]
    )
    _agree(model, deployed, clips(5, (9, 10, 8)))


def test_partial_form_leaves_the_rest_of_the_channels_out_of_the_spatial_part(train_like, clips):
    inputs = keras.Input((8, 8, 8))
    model = train_like(keras.Model(inputs, room.SeparablePartialConv(8)(inputs)))
    deployed = deploy_form(model)
    depthwise = [item for item in deployed.layers if isinstance(item, layers.DepthwiseConv2D)]
    assert sorted(tuple(item.kernel.shape) for item in depthwise) == [(1, 1, 6, 1), (3, 3, 2, 1)]
    _agree(model, deployed, clips(3, (8, 8, 8)))


def test_penalty_of_the_orthonormal_operator_is_gone(narrow, clips):
    model = narrow("dssdn_middle", "SF")
    x = clips(2, (16, 16, 2))
    model(x, training=True)
    assert len(model.losses) == 6
    deployed = deploy_form(model)
    deployed(x, training=True)
    assert deployed.losses == []


def test_each_operator_is_one_dilated_depthwise_convolution(narrow):
    deployed = deploy_form(narrow("dssdn_large", "SF"))
    depthwise = [
        layer
        for layer in deployed.layers
        if isinstance(layer, layers.DepthwiseConv2D) and "pool" not in layer.name
    ]
    assert [layer.kernel_size for layer in depthwise] == [(3, 3)] * 6
    assert {layer.dilation_rate for layer in depthwise} == {(2, 2)}


@pytest.mark.parametrize(("name", "expected"), [("dsmn_s", 2), ("dssdn_large", 6)])
def test_grouped_pointwise_of_equal_width_vanishes_into_the_depthwise(narrow, name, expected):
    # What stays are full 1x1 convolutions; of the grouped ones, each block's third operator.
    deployed = deploy_form(narrow(name, "SS"))
    pointwise = [layer for layer in deployed.layers if "pointwise" in layer.name]
    assert len(pointwise) == expected
    assert all(type(layer) is layers.Conv2D and layer.groups == 1 for layer in pointwise)


def test_plain_keras_model_is_folded_too(plain_model, clips):
    deployed = deploy_form(plain_model)
    assert not [item for item in deployed.layers if isinstance(item, layers.BatchNormalization)]
    _agree(plain_model, deployed, clips(5, (12, 10, 1)))


def test_layers_of_the_room_outside_a_block_are_folded(train_like, clips):
    inputs = keras.Input((8, 12, 4))
    low, high = room.FrequencySplit()(inputs)
    x = layers.Subtract()([room.SeparableConv(4, dilation_rate=1)(low), high])
    x = room.SeparableConv(2, grouped=True, dilation_rate=3)(room.EfficientChannelAttention(5)(x))
    model = train_like(keras.Model(inputs, layers.Flatten()(x)))
    deployed = deploy_form(model)
    assert not [item.name for item in deployed.layers if isinstance(item, OURS)]
    _agree(model, deployed, clips(5, (8, 12, 4)))


def test_a_layer_called_twice_stays_one_function(train_like, clips):
    inputs = keras.Input((8, 8, 4))
    shared = room.SeparableConv(4)
    model = train_like(keras.Model(inputs, layers.Flatten()(shared(shared(inputs)))))
    _agree(model, deploy_form(model), clips(5, (8, 8, 4)))


@pytest.mark.parametrize(("shape", "axis"), [((6,), -1), ((5, 6), -1), ((4, 5, 3), 1)])
def test_normalization_of_other_ranks_and_axes_computes_the_same(train_like, shape, axis):
    inputs = keras.Input(shape)
    model = keras.Model(inputs, layers.BatchNormalization(axis=axis)(inputs))
    train_like(model)
    x = np.random.default_rng(0).normal(size=(4, *shape)).astype("float32")
    _agree(model, deploy_form(model), x)


def test_open_time_axis_stays_open(train_like, clips):
    inputs = keras.Input((None, 8, 4))
    x = layers.GlobalAveragePooling2D()(room.DistilledBlock(6)(inputs))
    model = train_like(keras.Model(inputs, x))
    deployed = deploy_form(model)
    assert deployed.input_shape == (None, None, 8, 4)
    _agree(model, deployed, clips(5, (12, 8, 4)))


@pytest.mark.slow
def test_the_model_itself_is_left_as_it_was(narrow, clips, tmp_path):
    model = narrow("dsmn_sf", "SF")
    x = clips(3, (16, 16, 2))
    before, weights = np.asarray(model(x, training=False)), model.get_weights()
    first = deploy_form(model)
    np.testing.assert_array_equal(model(x, training=False), before)
    for now, then in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(now, then)
    save_model(model, tmp_path / "model.keras")
    reloaded = load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(reloaded(x, training=False), before, atol=1e-5)
    np.testing.assert_array_equal(deploy_form(model)(x), first(x))


class _Subclassed(keras.Model):
    def __init__(self):
        super().__init__(name="written_by_hand")
        self.dense = layers.Dense(2)

    def call(self, inputs):
        return self.dense(inputs)


def test_subclassed_model_is_refused_by_name_with_a_way_out():
    model = _Subclassed()
    model(np.ones((1, 4), "float32"))
    with pytest.raises(ModelError, match="written_by_hand is not a functional") as refused:
        deploy_form(model)
    assert "keras.Model(inputs, outputs)" in str(refused.value)


def test_built_sequential_model_is_taken(clips):
    parts = [layers.Conv2D(2, 3), layers.BatchNormalization(), room.SeparableConv(3)]
    first = keras.Sequential([keras.Input((8, 8, 1)), *parts], name="stacked")
    called = keras.Sequential(parts, name="stacked")
    x = clips(3, (8, 8, 1))
    expected = called(x)
    for model in (first, called):
        deployed = deploy_form(model)
        assert deployed.name == "stacked"
        np.testing.assert_allclose(deployed(x), expected, atol=1e-5)


def test_sequential_model_of_unknown_input_is_refused():
    model = keras.Sequential([layers.Conv2D(2, 3)], name="stacked")
    with pytest.raises(ModelError, match=r"stacked is not built yet.*keras\.Input"):
        deploy_form(model)


@pytest.mark.parametrize(("inputs", "outputs"), [(2, 1), (1, 2)])
def test_several_inputs_or_outputs_are_refused_with_their_counts(inputs, outputs):
    sources = [keras.Input((4,)) for _ in range(inputs)]
    x = layers.Add()(sources) if inputs > 1 else sources[0]
    results = [layers.Dense(2)(x) for _ in range(outputs)]
    model = keras.Model(sources, results, name="branched")
    with pytest.raises(ModelError, match=f"branched has {inputs} inputs and {outputs} outputs"):
        deploy_form(model)


class _Unsteady(layers.Layer):
    """A layer that no rule knows."""

    def call(self, inputs):
        return inputs + keras.random.normal(keras.ops.shape(inputs))


@pytest.mark.parametrize("outer", [False, True])
def test_unsupported_layer_is_refused_by_its_name_and_the_models(outer):
    inputs = keras.Input((4, 4, 1))
    model = keras.Model(inputs, _Unsteady(name="noise")(inputs), name="unsteady")
    if outer:
        again = keras.Input((4, 4, 1))
        model = keras.Model(again, model(again), name="unsteady")
    with pytest.raises(ModelError, match=r"unsteady: layer 'noise' \(_Unsteady\) has no deploy"):
        deploy_form(model)


def test_channels_first_is_refused_by_name():
    inputs = keras.Input((4, 4, 4))
    x = layers.MaxPooling2D(2, data_format="channels_first", name="pool")(inputs)
    with pytest.raises(ModelError, match=r"layer 'pool'.* has the channels first"):
        deploy_form(keras.Model(inputs, x))


def test_forms_that_differ_are_not_handed_out(network, monkeypatch):
    def spoil(output):
        output = simplify(output)
        output.weights = (output.weights[0] * 1.01, output.weights[1])
        return output

    monkeypatch.setattr("dssd_tf.quantization.deploy_form.simplify", spoil)
    with pytest.raises(ModelError, match=rf"deploy form of {network.name} differs .* by \d"):
        deploy_form(network)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in list_models() if name != "dssdn_paper_scale"])
def test_every_network_of_the_registry_computes_the_same_without_normalization(
    train_like, settle, clips, name
):
    keras.utils.set_random_seed(3)
    model = settle(train_like(create_model(name)))
    deployed = deploy_form(model)
    forbidden = (*set(OURS) - {room.StridedDepthwiseConv}, layers.BatchNormalization)
    assert not [layer.name for layer in deployed.layers if isinstance(layer, forbidden)]
    _agree(model, deployed, clips(2, model.input_shape[1:], seed=4))


def test_full_width_stem_is_never_computed(narrow):
    deployed = deploy_form(narrow("dsmn_s", "SS"))
    widths = {layer.output.shape[2] for layer in deployed.layers if layer.name.startswith("stem")}
    assert widths == {8}  # half of the 16 bands
    assert deployed.get_layer("block1_distill").input.shape[-1] == 2  # reads the features


def test_names_do_not_depend_on_what_was_built_before(network):
    first, second = deploy_form(network), deploy_form(network)
    assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]
    assert "block1_fuse" in {layer.name for layer in first.layers}


def test_sums_operations_and_nested_models_are_translated(train_like, clips):
    nested_input = keras.Input((8, 8, 3))
    y = layers.BatchNormalization()(layers.SeparableConv2D(3, 3, padding="same")(nested_input))
    nested = keras.Model(nested_input, y, name="nested")
    inputs = keras.Input((8, 8, 3))
    x = layers.BatchNormalization()(nested(inputs) + inputs)  # a normalization behind a sum
    x = layers.LeakyReLU(0.1)(x) * keras.ops.sigmoid(layers.Conv2D(3, 1)(inputs))
    x = layers.AveragePooling2D(3, strides=(2, 1))(layers.ZeroPadding2D(1)(x))
    model = train_like(keras.Model(inputs, layers.Dense(3)(layers.Flatten()(x))))
    deployed = deploy_form(model)
    assert not [item for item in deployed.layers if isinstance(item, layers.BatchNormalization)]
    _agree(model, deployed, clips(4, (8, 8, 3)))
