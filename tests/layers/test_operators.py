import keras
import numpy as np
import pytest

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


def test_unknown_operator_is_named_with_the_choices():
    with pytest.raises(ValueError, match=r"'conv'") as refused:
        make_operator("conv", 4)
    assert all(name in str(refused.value) for name in OPERATORS)
