import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.layers import GroupedPointwiseConv


@pytest.mark.parametrize("filters", [4, 8])
def test_harness(run_layer_test, filters):
    run_layer_test(GroupedPointwiseConv, {"filters": filters}, (2, 4, 6, 8), (2, 4, 6, filters))


@pytest.mark.parametrize("filters", [1, 2, 4, 8])
def test_equals_the_formula(randomize, reference, filters):
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 8)).astype("float32")
    layer = GroupedPointwiseConv(filters)
    layer.build(x.shape)
    randomize(layer)
    expected = reference.grouped_pointwise_conv(layer, x.astype("float64"))
    np.testing.assert_allclose(layer(x), expected, atol=1e-4)


@given(
    filters=st.integers(1, 5),
    members=st.integers(1, 4),
    activation=st.sampled_from([None, "relu"]),
    seed=st.integers(0, 99),
)
@settings(max_examples=15, deadline=None)
def test_equals_the_grouped_convolution_of_keras(filters, members, activation, seed):
    x = np.random.default_rng(seed).normal(size=(2, 3, 4, filters * members)).astype("float32")
    ours = GroupedPointwiseConv(filters, activation=activation)
    theirs = keras.layers.Conv2D(filters, 1, groups=filters, use_bias=False, activation=activation)
    ours.build(x.shape)
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(ours(x), theirs(x), atol=1e-5)


def test_open_grid_is_allowed():
    inputs = keras.Input((None, None, 6))
    model = keras.Model(inputs, GroupedPointwiseConv(3)(inputs))
    assert model.output_shape == (None, None, None, 3)
    assert model(np.ones((2, 3, 5, 6), "float32")).shape == (2, 3, 5, 3)


def test_parameters_are_the_input_channels():
    layer = GroupedPointwiseConv(4)
    layer.build((None, 3, 3, 12))
    assert layer.count_params() == 12


def test_indivisible_channels_name_both_counts_the_shape_and_a_way_out():
    with pytest.raises(ValueError) as refused:
        GroupedPointwiseConv(3, name="mix")(np.ones((1, 4, 4, 8), "float32"))
    message = str(refused.value)
    assert message.startswith("mix: ")
    assert "3 channels" in message and "got 8 in shape (1, 4, 4, 8)" in message
    assert "'sc'" in message


@pytest.mark.parametrize("fixed", [{"kernel_size": 3}, {"groups": 2}, {"use_bias": True}])
def test_what_the_layer_fixes_cannot_be_given(fixed):
    with pytest.raises(TypeError, match=next(iter(fixed))):
        GroupedPointwiseConv(4, **fixed)
