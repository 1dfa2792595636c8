"""Graphs made by hand; values are drawn, so that every layer has its own."""

import numpy as np
import pytest

from dssd_tf.quantization.parity.float_network import FloatLayer
from dssd_tf.quantization.parity.int8_network import Int8Tensor
from dssd_tf.quantization.parity.matching import match

RANDOM = np.random.default_rng(11)


def layer(name, shape, inputs=(), weighted=False):
    return FloatLayer(name, name.title(), shape, inputs, weighted)


def tensor(operator, shape, inputs=(), weighted=False):
    return Int8Tensor(0, operator, shape, inputs, weighted, 0.1, 0, (-128, 127))


def values(layers):
    return [RANDOM.standard_normal(int(np.prod(one.shape))) for one in layers]


def noisy(array, share=0.05):
    return array + share * RANDOM.standard_normal(array.shape)


# A residual block: two branches of equal shape, their sum, a mean, a dense layer.
BLOCK = [
    layer("features", (4, 6)),
    layer("low", (4, 6, 3), (0,), weighted=True),
    layer("high", (4, 6, 3), (0,), weighted=True),
    layer("sum", (4, 6, 3), (1, 2)),
    layer("mean", (3,), (3,)),
    layer("logits", (5,), (4,), weighted=True),
]
TENSORS = [
    tensor("input", (4, 6)),
    tensor("CONV_2D", (4, 6, 3), (0,), weighted=True),
    tensor("CONV_2D", (4, 6, 3), (0,), weighted=True),
    tensor("ADD", (4, 6, 3), (1, 2)),
    tensor("MEAN", (3,), (3,)),
    tensor("FULLY_CONNECTED", (5,), (4,), weighted=True),
]


def test_branches_in_another_order_are_told_apart_by_their_values():
    floats = values(BLOCK)
    order = [0, 2, 1, 3, 4, 5]
    reals = [noisy(floats[i]) for i in order]
    assert match(BLOCK, floats, TENSORS, reals) == order


def test_a_tensor_like_no_layer_takes_the_place_that_is_left():
    floats = values(BLOCK)
    reals = [noisy(one) for one in floats]
    reals[3] = -5 * floats[3]
    assert match(BLOCK, floats, TENSORS, reals) == [0, 1, 2, 3, 4, 5]


def test_a_tensor_like_no_layer_stays_alone_where_two_places_are_left():
    floats = values(BLOCK)
    reals = [noisy(one) for one in floats]
    reals[1], reals[2] = -5 * floats[1], -5 * floats[2]
    assert match(BLOCK, floats, TENSORS, reals) == [0, None, None, 3, 4, 5]


def test_steps_within_a_layer_and_requantized_values():
    floats = values(BLOCK)
    tensors = [
        tensor("input", (4, 6)),
        tensor("DEPTHWISE_CONV_2D", (4, 6, 3), (0,), weighted=True),  # without its bias
        tensor("ADD", (4, 6, 3), (1,)),
        tensor("CONV_2D", (4, 6, 3), (0,), weighted=True),
        tensor("QUANTIZE", (4, 6, 3), (2,)),
        tensor("ADD", (4, 6, 3), (4, 3)),
        tensor("MEAN", (3,), (5,)),
        tensor("RESHAPE", (3,), (6,)),
        tensor("FULLY_CONNECTED", (5,), (7,), weighted=True),
    ]
    inner = 0.7 * floats[1]
    order = [floats[0], inner, floats[1], floats[2], floats[1], *floats[3:5], floats[4], floats[5]]
    reals = [noisy(one, 0.02) for one in order]
    reals[7] = reals[6]  # moved, not computed
    assert match(BLOCK, floats, tensors, reals) == [0, None, 1, 2, 1, 3, 4, None, 5]


def test_layers_that_are_no_operators_are_passed_over():
    layers = [
        layer("features", (4, 6)),
        layer("crop", (2, 6), (0,)),
        layer("conv", (2, 6, 3), (1,), weighted=True),
        layer("relu", (2, 6, 3), (2,)),
        layer("rows", (36,), (3,)),
        layer("logits", (5,), (4,), weighted=True),
    ]
    floats = values(layers)
    floats[3] = np.maximum(floats[2], 0)
    floats[4] = floats[3]
    tensors = [
        tensor("input", (4, 6)),
        tensor("CONV_2D", (2, 6, 3), (0,), weighted=True),
        tensor("FULLY_CONNECTED", (5,), (1,), weighted=True),
    ]
    reals = [noisy(floats[i]) for i in (0, 3, 5)]
    assert match(layers, floats, tensors, reals) == [0, 3, 5]


@pytest.mark.parametrize("scale", [0.0, 1e-12])
def test_silent_layers(scale):
    floats = [scale * one for one in values(BLOCK)]
    found = match(BLOCK, floats, TENSORS, floats)
    assert found[3:] == [3, 4, 5]
    assert set(found[1:3]) == {1, 2}
