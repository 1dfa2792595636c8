import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.layers import SeparableConv


@pytest.fixture(scope="module")
def plain_layer():
    """SC with all kernels one and an identity normalization, by dilation; 1 channel."""
    layers = {}
    for dilation in (1, 2, 3):
        layer = SeparableConv(1, dilation_rate=dilation)
        layer.build((None, 9, 11, 1))
        for part in (layer.pointwise, layer.cross.time, layer.cross.frequency):
            part.set_weights([np.ones(part.kernel.shape, "float32")])
        layers[dilation] = layer
    return layers


@pytest.mark.parametrize("grouped", [False, True])
def test_harness(run_layer_test, grouped):
    init = {"filters": 4, "grouped": grouped, "dilation_rate": 2}
    run_layer_test(SeparableConv, init, (2, 6, 7, 8), (2, 6, 7, 4))


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize(("channels", "filters"), [(8, 8), (8, 4), (6, 2)])
@pytest.mark.parametrize("dilation", [1, 2])
def test_equals_the_formula(randomize, reference, grouped, channels, filters, dilation):
    x = np.random.default_rng(0).normal(size=(2, 7, 6, channels)).astype("float32")
    layer = SeparableConv(filters, grouped=grouped, dilation_rate=dilation)
    layer.build(x.shape)
    randomize(layer)
    expected = reference.separable_conv(layer, x.astype("float64"), dilation)
    assert expected.max() > 0.1
    np.testing.assert_allclose(layer(x, training=False), expected, atol=1e-4)


def test_dilation_is_two_unless_said_otherwise(randomize, reference):
    x = np.random.default_rng(3).normal(size=(1, 8, 8, 4)).astype("float32")
    layer = SeparableConv(4)
    layer.build(x.shape)
    randomize(layer)
    expected = reference.separable_conv(layer, x.astype("float64"), dilation=2)
    np.testing.assert_allclose(layer(x, training=False), expected, atol=1e-4)


@pytest.mark.parametrize(("grouped", "pointwise"), [(False, 8 * 4), (True, 8)])
def test_trainable_parameters_are_those_of_the_docstring(grouped, pointwise):
    layer = SeparableConv(4, grouped=grouped)
    layer.build((None, 6, 6, 8))
    trainable = sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)
    assert trainable == pointwise + 6 * 4 + 2 * 4


@given(time=st.integers(0, 8), band=st.integers(0, 10), dilation=st.sampled_from([1, 2, 3]))
@settings(max_examples=20, deadline=None)
def test_receptive_field_is_a_cross_as_wide_as_the_dilation(plain_layer, time, band, dilation):
    x = np.zeros((1, 9, 11, 1), "float32")
    x[0, time, band] = 1.0
    y = np.asarray(plain_layer[dilation](x, training=False))[0, :, :, 0]
    steps = (-dilation, 0, dilation)
    cross = {(time + step, band) for step in steps} | {(time, band + step) for step in steps}
    inside = {(t, f) for t, f in cross if 0 <= t < 9 and 0 <= f < 11}
    assert {(int(t), int(f)) for t, f in np.argwhere(y > 0)} == inside


@pytest.mark.parametrize(("part", "axis"), [("time", 1), ("frequency", 2)])
@given(moved=st.integers(0, 5), seed=st.integers(0, 99))
@settings(max_examples=8, deadline=None)
def test_a_zeroed_kernel_ignores_the_neighbours_along_its_axis(part, axis, moved, seed):
    random = np.random.default_rng(seed)
    x = random.normal(size=(1, 6, 6, 3)).astype("float32")
    layer = SeparableConv(3)
    layer.build(x.shape)
    kernel = getattr(layer.cross, part).kernel
    kernel.assign(np.zeros(kernel.shape, "float32"))
    layer.norm.beta.assign(np.full(3, 10.0, "float32"))  # keeps ReLU from hiding a change
    other = x.copy()
    index = [slice(None)] * 4
    index[axis] = moved
    other[tuple(index)] += random.normal(size=other[tuple(index)].shape).astype("float32")
    change = np.abs(np.asarray(layer(other)) - np.asarray(layer(x)))
    others = tuple(a for a in range(4) if a != axis)
    reached = np.flatnonzero(change.max(axis=others) > 1e-6).tolist()
    assert reached == [moved]


def test_open_grid_is_allowed():
    inputs = keras.Input((None, None, 4))
    model = keras.Model(inputs, SeparableConv(2, grouped=True)(inputs))
    assert model.output_shape == (None, None, None, 2)
    assert model(np.ones((1, 3, 5, 4), "float32")).shape == (1, 3, 5, 2)


def test_grouped_form_refuses_indivisible_channels():
    with pytest.raises(ValueError, match=r"multiple of 3, got 8 in shape \(1, 4, 4, 8\)"):
        SeparableConv(3, grouped=True)(np.ones((1, 4, 4, 8), "float32"))
