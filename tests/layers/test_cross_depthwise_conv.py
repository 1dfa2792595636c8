import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.layers import CrossDepthwiseConv


@pytest.fixture(scope="module")
def ones():
    """The layer with all taps one, by dilation; 1 channel."""
    layers = {}
    for dilation in (1, 2, 3):
        layer = CrossDepthwiseConv(dilation)
        layer.build((None, 9, 11, 1))
        layer.set_weights([np.ones(weight.shape, "float32") for weight in layer.weights])
        layers[dilation] = layer
    return layers


@pytest.mark.parametrize("dilation", [1, 3])
def test_harness(run_layer_test, dilation):
    run_layer_test(CrossDepthwiseConv, {"dilation_rate": dilation}, (2, 6, 7, 4), (2, 6, 7, 4))


@given(
    shape=st.tuples(st.integers(1, 3), *[st.integers(1, 8)] * 3),
    dilation=st.integers(1, 3),
    seed=st.integers(0, 99),
)
@settings(max_examples=20, deadline=None)
def test_equals_the_formula(randomize, reference, shape, dilation, seed):
    x = np.random.default_rng(seed).normal(size=shape).astype("float32")
    layer = CrossDepthwiseConv(dilation)
    layer.build(shape)
    randomize(layer, seed)
    expected = reference.cross_depthwise_conv(layer, x.astype("float64"), dilation)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)


def test_dilation_is_two_unless_said_otherwise(randomize, reference):
    x = np.random.default_rng(3).normal(size=(1, 8, 8, 4)).astype("float32")
    layer = CrossDepthwiseConv()
    layer.build(x.shape)
    randomize(layer)
    expected = reference.cross_depthwise_conv(layer, x.astype("float64"), dilation=2)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)


def test_parameters_are_six_a_channel_and_all_trainable():
    layer = CrossDepthwiseConv()
    layer.build((None, 5, 5, 7))
    assert layer.count_params() == 6 * 7
    assert len(layer.trainable_weights) == 2


@given(time=st.integers(0, 8), band=st.integers(0, 10), dilation=st.sampled_from([1, 2, 3]))
@settings(max_examples=20, deadline=None)
def test_a_point_spreads_to_a_cross_as_wide_as_the_dilation(ones, time, band, dilation):
    x = np.zeros((1, 9, 11, 1), "float32")
    x[0, time, band] = 1.0
    y = np.asarray(ones[dilation](x))[0, :, :, 0]
    steps = (-dilation, 0, dilation)
    cross = {(time + step, band) for step in steps} | {(time, band + step) for step in steps}
    inside = {(t, f) for t, f in cross if 0 <= t < 9 and 0 <= f < 11}
    assert {(int(t), int(f)) for t, f in np.argwhere(y > 0)} == inside
    assert y[time, band] == 2  # the centre is seen by both branches


@given(channel=st.integers(0, 4), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_channels_do_not_mix(randomize, channel, seed):
    random = np.random.default_rng(seed)
    x = random.normal(size=(1, 5, 6, 5)).astype("float32")
    layer = CrossDepthwiseConv()
    layer.build(x.shape)
    randomize(layer, seed)
    other = x.copy()
    other[..., channel] += random.normal(size=other[..., channel].shape).astype("float32")
    change = np.abs(np.asarray(layer(other)) - np.asarray(layer(x))).max(axis=(0, 1, 2))
    assert np.flatnonzero(change > 1e-6).tolist() == [channel]


def test_open_grid_is_allowed():
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, CrossDepthwiseConv()(inputs))
    assert model.output_shape == (None, None, None, 3)
    assert model(np.ones((1, 4, 5, 3), "float32")).shape == (1, 4, 5, 3)


@pytest.mark.parametrize("dilation", [0, -2])
def test_a_dilation_that_is_not_positive_is_refused(dilation):
    with pytest.raises(
        ValueError, match=f"cross: dilation_rate must be .* from 1 up, got {dilation}"
    ):
        CrossDepthwiseConv(dilation, name="cross")


@pytest.mark.parametrize("shape", [(2, 6, 4), (2, 6, 7, 4, 1)])
def test_wrong_rank_names_layer_and_shape(shape):
    with pytest.raises(ValueError) as refused:
        CrossDepthwiseConv(name="cross").build(shape)
    assert str(refused.value).startswith("cross: ")
    assert f"rank {len(shape)} with shape {shape}" in str(refused.value)


def test_unknown_channels_are_refused():
    with pytest.raises(ValueError, match=r"cross: the number of channels .*\(None, 6, 7, None\)"):
        CrossDepthwiseConv(name="cross").build((None, 6, 7, None))
