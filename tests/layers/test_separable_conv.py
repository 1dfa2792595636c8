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
def test_inference_is_that_of_the_formula(equals_the_formula, grouped, channels, filters, dilation):
    layer = SeparableConv(filters, grouped=grouped, dilation_rate=dilation)
    equals_the_formula(layer, channels, dilation)


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


def test_grouped_form_refuses_indivisible_channels():
    with pytest.raises(ValueError, match=r"multiple of 3, got 8 in shape \(1, 4, 4, 8\)"):
        SeparableConv(3, grouped=True)(np.ones((1, 4, 4, 8), "float32"))
