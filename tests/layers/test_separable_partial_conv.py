import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.layers import SeparablePartialConv


def _without_normalization(layer: SeparablePartialConv) -> SeparablePartialConv:
    """Make the batch normalization of a built layer the identity, to the bit."""
    width = layer.filters
    ones, zeros = np.ones(width, "float32"), np.zeros(width, "float32")
    layer.norm.set_weights([ones, zeros, zeros, ones - np.float32(layer.norm.epsilon)])
    return layer


@pytest.mark.parametrize("filters", [8, 4])
def test_harness(run_layer_test, filters):
    init = {"filters": filters, "dilation_rate": 1}
    run_layer_test(SeparablePartialConv, init, (2, 6, 7, 8), (2, 6, 7, filters))


@pytest.mark.parametrize(("channels", "filters"), [(8, 8), (8, 4), (7, 7), (4, 6), (13, 5)])
@pytest.mark.parametrize("dilation", [1, 2])
def test_inference_is_that_of_the_formula(equals_the_formula, channels, filters, dilation):
    layer = SeparablePartialConv(filters, dilation_rate=dilation)
    equals_the_formula(layer, channels, dilation)


@given(channels=st.integers(4, 40), filters=st.integers(1, 40), equal=st.booleans())
@settings(max_examples=15, deadline=None)
def test_trainable_parameters_are_those_of_the_docstring(channels, filters, equal):
    filters = channels if equal else filters
    layer = SeparablePartialConv(filters)
    layer.build((None, 6, 6, channels))
    trainable = sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)
    part = channels // 4
    projection = channels * filters if channels != filters else 0
    assert trainable == part**2 + 6 * part + 2 * filters + projection
    assert (layer.project is None) == (channels == filters)


@given(channels=st.integers(4, 12), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_all_but_the_first_quarter_pass_untouched(randomize, channels, seed):
    x = np.random.default_rng(seed).uniform(0.1, 2.0, size=(2, 5, 6, channels)).astype("float32")
    layer = SeparablePartialConv(channels)
    layer.build(x.shape)
    _without_normalization(randomize(layer, seed))
    y, part = np.asarray(layer(x, training=False)), channels // 4
    np.testing.assert_allclose(y[..., part:], x[..., part:], rtol=1e-6)
    assert np.abs(y[..., :part] - x[..., :part]).max() > 1e-2


@given(channel=st.integers(0, 8), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_a_channel_reaches_its_own_part_only(randomize, channel, seed):
    random = np.random.default_rng(seed)
    x = random.uniform(0.1, 2.0, size=(1, 5, 6, 9)).astype("float32")
    layer = SeparablePartialConv(9)
    layer.build(x.shape)
    randomize(layer, seed)
    layer.norm.beta.assign(np.full(9, 50.0, "float32"))  # keeps ReLU from hiding a change
    other = x.copy()
    other[..., channel] += 1.0
    change = np.asarray(layer(other, training=False)) - np.asarray(layer(x, training=False))
    reached = np.flatnonzero(np.abs(change).max(axis=(0, 1, 2)) > 1e-3).tolist()
    assert reached == ([0, 1] if channel < 2 else [channel])


@given(time=st.integers(0, 6), band=st.integers(0, 7), dilation=st.sampled_from([1, 2, 3]))
@settings(max_examples=10, deadline=None)
def test_receptive_field_is_a_cross_for_the_convolved_part_and_a_point_for_the_rest(
    time, band, dilation
):
    layer = SeparablePartialConv(8, dilation_rate=dilation)
    layer.build((None, 7, 8, 8))
    for part in (layer.pointwise, layer.cross.time, layer.cross.frequency):
        part.set_weights([np.ones(part.kernel.shape, "float32")])
    x = np.zeros((1, 7, 8, 8), "float32")
    x[0, time, band] = 1.0
    y = np.asarray(layer(x, training=False))[0]
    steps = (-dilation, 0, dilation)
    cross = {(time + step, band) for step in steps} | {(time, band + step) for step in steps}
    inside = {(t, f) for t, f in cross if 0 <= t < 7 and 0 <= f < 8}
    for channel in range(8):
        found = {(int(t), int(f)) for t, f in np.argwhere(y[..., channel] > 0)}
        assert found == (inside if channel < 2 else {(time, band)})


@pytest.mark.parametrize("channels", [1, 3])
def test_fewer_than_four_channels_are_refused_with_shape_and_remedy(channels):
    with pytest.raises(ValueError) as refused:
        SeparablePartialConv(4, name="spc")(np.ones((1, 5, 6, channels), "float32"))
    message = str(refused.value)
    assert message.startswith("spc: ")
    assert f"at least 4, got {channels} in shape (1, 5, 6, {channels})" in message
    assert "'sc'" in message
