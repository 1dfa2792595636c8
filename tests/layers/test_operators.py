import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.layers import OPERATORS, SeparableConv, make_operator


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_every_operator_maps_channels_and_keeps_the_grid(operator):
    x = np.ones((2, 5, 6, 8), "float32")
    layer = make_operator(operator, 4)
    assert layer(x).shape == (2, 5, 6, 4)


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_operators_survive_serialization(operator):
    layer = make_operator(operator, 4, name="op")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert again.get_config() == layer.get_config()


@pytest.mark.parametrize(("operator", "grouped"), [("sc", False), ("sc_g", True)])
def test_names_stand_for_the_two_forms_of_separable_conv(operator, grouped):
    layer = make_operator(operator, 4, name="op", dilation_rate=3)
    assert isinstance(layer, SeparableConv)
    assert (layer.grouped, layer.filters, layer.dilation_rate) == (grouped, 4, 3)
    assert layer.name == "op"


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_dilation_is_two_unless_said_otherwise(equals_the_formula, operator):
    equals_the_formula(make_operator(operator, 4), channels=8, dilation=2)


@pytest.mark.parametrize("operator", sorted(OPERATORS))
@pytest.mark.parametrize(("part", "axis"), [("time", 1), ("frequency", 2)])
@given(
    moved=st.integers(0, 5),
    widths=st.sampled_from([(4, 4), (6, 3), (9, 3), (11, 11)]),
    seed=st.integers(0, 99),
)
@settings(max_examples=6, deadline=None)
def test_a_zeroed_kernel_ignores_the_neighbours_along_its_axis(
    operator, part, axis, moved, widths, seed
):
    channels, filters = widths
    random = np.random.default_rng(seed)
    x = random.normal(size=(1, 6, 6, channels)).astype("float32")
    layer = make_operator(operator, filters)
    layer.build(x.shape)
    kernel = getattr(layer.cross, part).kernel
    kernel.assign(np.zeros(kernel.shape, "float32"))
    layer.norm.beta.assign(np.full(filters, 50.0, "float32"))  # keeps ReLU from hiding a change
    other = x.copy()
    index = [slice(None)] * 4
    index[axis] = moved
    other[tuple(index)] += random.normal(size=other[tuple(index)].shape).astype("float32")
    change = np.abs(np.asarray(layer(other)) - np.asarray(layer(x)))
    others = tuple(a for a in range(4) if a != axis)
    assert np.flatnonzero(change.max(axis=others) > 1e-4).tolist() == [moved]


@pytest.mark.parametrize("operator", sorted(OPERATORS))
@pytest.mark.parametrize("shape", [(2, 6, 4), (2, 6, 7, 4, 1)])
def test_wrong_rank_names_layer_and_shape(operator, shape):
    with pytest.raises(ValueError) as refused:
        make_operator(operator, 4, name="op").build(shape)
    assert str(refused.value).startswith("op: ")
    assert f"rank {len(shape)} with shape {shape}" in str(refused.value)


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_open_grid_is_allowed(operator):
    inputs = keras.Input((None, None, 4))
    model = keras.Model(inputs, make_operator(operator, 2)(inputs))
    assert model.output_shape == (None, None, None, 2)
    assert model(np.ones((1, 3, 5, 4), "float32")).shape == (1, 3, 5, 2)


def test_unknown_operator_is_named_with_the_choices():
    with pytest.raises(ValueError, match=r"'conv'") as refused:
        make_operator("conv", 4)
    assert all(name in str(refused.value) for name in OPERATORS)
