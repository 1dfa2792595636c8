from functools import partial

import numpy as np
import pytest
from keras import layers

from dssd_tf.quantization.deploy import passes
from dssd_tf.quantization.deploy import primitives as p
from dssd_tf.quantization.deploy.graph import Step, build, order, rewrite

CONV, DEPTHWISE, CROP = "Conv2D", "DepthwiseConv2D", "Cropping2D"
RANDOM = np.random.default_rng(11)


def _numbers(*shape):
    return RANDOM.normal(size=shape).astype("float32")


def _source():
    return Step(None, name="features", shape=(None, 8, 6, 4))


def _conv(x, filters, size=(1, 1), **settings):
    kernel = _numbers(*size, x.channels // settings.get("groups", 1), filters)
    return p.conv(x, kernel, _numbers(filters), "conv", **settings)


def _depthwise(x, size=(3, 3), multiplier=1, **settings):
    kernel = _numbers(*size, x.channels, multiplier)
    return p.depthwise(x, kernel, _numbers(x.channels * multiplier), "depthwise", **settings)


def _dense(x):
    config, weights = {"units": 5, "activation": None}, (_numbers(x.channels, 5), _numbers(5))
    return Step(layers.Dense, config, (x,), weights, "dense")


def _affine(x, **settings):
    return p.affine(x, _numbers(x.channels), _numbers(x.channels), "affine", **settings)


def _zeros(x, *padding):
    return Step(layers.ZeroPadding2D, {"padding": padding}, (x,), name="zeros")


def _pool(x, size, strides, **settings):
    config = {"pool_size": size, "strides": strides, **settings}
    return Step(layers.AveragePooling2D, config, (x,), name="pool")


_mean, _sum = partial(p.mean, name="mean"), partial(p.add, name="sum")


def _low(x, bands):
    return p.crop(x, (0, 0), (0, bands), "low")


def _after(output, change):
    """The graph after one pass, which must have left its function the same."""
    x = _numbers(3, 8, 6, 4)
    expected = np.asarray(build(output, "before")(x))
    assert expected.std() > 1e-3
    output = change(output) if change is passes.simplify else rewrite(output, change)
    found = np.asarray(build(output, "after")(x))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
    return output


def _kinds(output):
    return [step.kind.__name__ for step in order(output) if step.kind]


TAKEN = {
    "scale_into_producer": {
        "conv": (lambda x: _affine(_conv(x, 6, (3, 3), padding="same", strides=(2, 2))), [CONV]),
        "grouped": (lambda x: _affine(_conv(x, 6, (3, 2), groups=2), activation="relu"), [CONV]),
        "depthwise": (lambda x: _affine(_depthwise(x, multiplier=2, dilation=(2, 2))), [DEPTHWISE]),
        "strided": (lambda x: _affine(_depthwise(x, strides=(2, 1))), ["StridedDepthwiseConv"]),
        "dense": (lambda x: _affine(_dense(x)), ["Dense"]),
    },
    "linear_into_consumer": {
        "strided": (lambda x: _conv(_conv(x, 9), 3, (3, 2), strides=(2, 2)), [CONV]),
        "two": (lambda x: _sum(_conv(y := _conv(x, 7), 3), _conv(y, 3)), [CONV, CONV, "Add"]),
    },
    "crop_before_pointwise": {
        "half": (lambda x: _low(_conv(x, 5, activation="relu"), 3), [CROP, CONV]),
    },
    "padding_into_convolution": {
        "conv": (lambda x: _conv(_zeros(x, (2, 2), (0, 0)), 3, (3, 1), dilation=(2, 2)), [CONV]),
        "depthwise": (lambda x: _depthwise(_zeros(x, (1, 1), (1, 1))), [DEPTHWISE]),
    },
    "mean_without_pool": {
        "whole": (lambda x: _mean(_pool(x, (2, 3), (2, 3))), ["GlobalAveragePooling2D"]),
    },
    "pool_into_convolution": {
        "equal": (lambda x: _pool(x, (3, 2), (2, 2)), [DEPTHWISE]),
        "time": (lambda x: _pool(x, (2, 1), (2, 1)), ["Reshape", DEPTHWISE]),
        "rest": (lambda x: _pool(x, (3, 1), (3, 1)), [CROP, "Reshape", DEPTHWISE]),
    },
}


@pytest.mark.parametrize(("name", "case"), [(name, case) for name in TAKEN for case in TAKEN[name]])
def test_a_pass_gives_fewer_or_cheaper_steps_of_the_same_function(name, case):
    make, kinds = TAKEN[name][case]
    assert _kinds(_after(make(_source()), getattr(passes, name))) == kinds


LEFT = {
    "scale_into_producer": {
        "behind_relu": lambda x: _affine(_conv(x, 4, activation="relu")),
        "two_readers": lambda x: _sum(_affine(y := _conv(x, 4)), y),
        "behind_sum": lambda x: _affine(_sum(x, x)),
        "multiplier": lambda x: _depthwise(_conv(x, 4), (1, 1), multiplier=2),
        "stride": lambda x: _depthwise(_conv(x, 4), (1, 1), strides=(2, 2)),
    },
    "activation_into_producer": {
        "other": lambda x: Step(layers.ReLU, {}, (_conv(x, 4, activation="tanh"),)),
        "two_readers": lambda x: _sum(Step(layers.ReLU, {}, (y := _conv(x, 4),)), y),
    },
    "linear_into_consumer": {
        "padded": lambda x: _conv(_conv(x, 7), 3, (3, 3), padding="same"),
        "stride": lambda x: _conv(_conv(x, 8, strides=(2, 2)), 3),
        "groups": lambda x: _conv(_conv(x, 8), 4, groups=4),
        "grouped_source": lambda x: _conv(_conv(x, 8, groups=2), 4),
        "dearer": lambda x: _conv(_conv(x, 1), 4),
        "dearer_for_two": lambda x: _sum(_conv(y := _conv(x, 3), 5), _conv(y, 5)),
    },
    "crop_before_pointwise": {
        "less_than_half": lambda x: _low(_conv(x, 4), 2),
        "narrows": lambda x: _low(_conv(x, 3), 3),
        "spatial": lambda x: _low(_conv(x, 5, (3, 3), padding="same"), 3),
        "channels": lambda x: p.channels(_conv(x, 5), 0, 2, "first"),
        "other_reader": lambda x: _sum(_mean(y := _conv(x, 5)), _low(y, 3)),
    },
    "padding_into_convolution": {
        "too_much": lambda x: _depthwise(_zeros(x, (1, 1), (1, 1)), (3, 1)),
        "one_side": lambda x: _depthwise(_zeros(x, (2, 0), (0, 0)), (3, 1)),
        "stride": lambda x: _depthwise(_zeros(x, (1, 1), (1, 1)), strides=(2, 2)),
        "even": lambda x: _conv(_zeros(x, (1, 1), (0, 0)), 3, (2, 1)),
    },
    "balance_before_depthwise": {
        "two_readers": lambda x: _sum(_mean(_depthwise(y := _conv(x, 5))), _mean(y)),
        "relu": lambda x: _depthwise(_conv(x, 5, activation="relu")),
    },
    "mean_without_pool": {
        "left_out": lambda x: _mean(_pool(x, (2, 4), (2, 4))),
        "overlap": lambda x: _mean(_pool(x, (2, 3), (1, 3))),
        "padded": lambda x: _mean(_pool(x, (2, 4), (2, 4), padding="same")),
        "two_readers": lambda x: _sum(_mean(y := _pool(x, (2, 2), (2, 2))), y),
    },
    "pool_into_convolution": {
        "unequal": lambda x: _pool(x, (2, 2), (2, 1)),
        "padded": lambda x: _pool(x, (3, 4), (3, 4), padding="same"),
    },
}


@pytest.mark.parametrize(("name", "case"), [(name, case) for name in LEFT for case in LEFT[name]])
def test_a_pass_leaves_what_would_not_be_the_same_or_not_cheaper(name, case):
    output = LEFT[name][case](_source())
    steps = order(output)
    assert order(rewrite(output, getattr(passes, name))) == steps


@pytest.mark.parametrize(
    ("kind", "config", "taken"),
    [
        (layers.ReLU, {}, True),
        (layers.Activation, {"activation": "relu"}, True),
        (layers.ReLU, {"max_value": 0.5}, False),
        (layers.ReLU, {"threshold": 0.2}, False),
        (layers.ReLU, {"negative_slope": 0.1}, False),
        (layers.Activation, {"activation": "sigmoid"}, False),
    ],
)
@pytest.mark.parametrize("producer", [lambda x: _conv(x, 3), _depthwise, _dense])
def test_only_a_plain_relu_goes_into_the_layer_before(producer, kind, config, taken):
    output = Step(kind, config, (producer(_source()),), name="act")
    assert (len(_kinds(_after(output, passes.activation_into_producer))) == 1) == taken


def test_rows_before_a_depthwise_convolution_all_reach_one():
    first = _conv(_source(), 5)
    first.weights[0][..., 2] = 0  # a silent channel
    output = _depthwise(first, multiplier=2, padding="same", activation="relu")
    output = _after(output, passes.balance_before_depthwise)
    reach = np.abs(output.inputs[0].weights[0]).max(axis=(0, 1, 2))
    np.testing.assert_array_equal(reach, [1, 1, 0, 1, 1])


def test_simplify_leaves_the_function_the_same_and_nothing_to_do():
    y = _conv(_source(), 6, (3, 3), padding="same")
    y = Step(layers.ReLU, {}, (_affine(y),))
    y = _affine(_depthwise(_conv(_conv(y, 8), 5), padding="same"))
    y = p.average_pool(Step(layers.ReLU, {}, (y,)), (2, 1), (2, 1), "pool")
    output = _after(y, passes.simplify)
    assert _kinds(output) == ["Conv2D", "Conv2D", "DepthwiseConv2D", "Reshape", "DepthwiseConv2D"]
    assert passes.simplify(output) is output
