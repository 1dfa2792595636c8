import math

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from dssd_tf.complexity import measure
from dssd_tf.complexity.keras_rules import RULES, Macs, rule_for

block = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["conv", "depthwise", "pool"]),
        "multiple": st.integers(1, 3),
        "grouped": st.booleans(),
        "kernel": st.tuples(st.integers(1, 3), st.integers(1, 3)),
        "strides": st.sampled_from([1, 2]),
        "dilation": st.sampled_from([1, 2]),
        "padding": st.sampled_from(["same", "valid"]),
        "bias": st.booleans(),
        "norm": st.booleans(),
    }
)


def out_size(size, kernel, strides, dilation, padding):
    reach = dilation * (kernel - 1) + 1
    return -(-size // strides) if padding == "same" else (size - reach) // strides + 1


@settings(max_examples=12, deadline=None)
@given(
    blocks=st.lists(block, min_size=1, max_size=3),
    time=st.integers(24, 30),
    classes=st.integers(1, 4),
)
def test_walk_equals_closed_form(blocks, time, classes):
    inputs = x = keras.Input((time, 24, 2))
    height, width, channels = time, 24, 2
    parameters = macs = torchinfo = 0
    for b in blocks:
        strides = b["strides"] if b["dilation"] == 1 or b["kind"] == "pool" else 1
        dilation = 1 if strides > 1 or b["kind"] == "pool" else b["dilation"]
        height, width = (
            out_size(size, kernel, strides, dilation, b["padding"])
            for size, kernel in zip((height, width), b["kernel"], strict=True)
        )
        common = {"strides": strides, "padding": b["padding"]}
        if b["kind"] == "pool":
            x = layers.AveragePooling2D(b["kernel"], **common)(x)
            weights = bias = 0
        elif b["kind"] == "conv":
            groups = channels if b["grouped"] else 1
            filters = b["multiple"] * groups
            x = layers.Conv2D(
                filters,
                b["kernel"],
                **common,
                dilation_rate=dilation,
                groups=groups,
                use_bias=b["bias"],
            )(x)
            weights = math.prod(b["kernel"]) * (channels // groups) * filters
            channels = filters
            bias = channels * b["bias"]
        else:
            x = layers.DepthwiseConv2D(
                b["kernel"],
                **common,
                dilation_rate=dilation,
                use_bias=b["bias"],
                depth_multiplier=b["multiple"],
            )(x)
            channels *= b["multiple"]
            weights = math.prod(b["kernel"]) * channels
            bias = channels * b["bias"]
        positions = height * width
        parameters += weights + bias
        macs += weights * positions
        torchinfo += (weights + bias) * positions
        if b["norm"]:
            x = layers.BatchNormalization()(x)
            parameters += 2 * channels
            macs += positions * channels
            torchinfo += 2 * channels
    x = layers.Dense(classes)(layers.GlobalAveragePooling2D()(layers.ReLU()(x)))
    result = measure(keras.Model(inputs, x))
    assert result.parameters == parameters + (channels + 1) * classes
    assert result.macs == macs + channels * classes
    assert result.macs_torchinfo == torchinfo + (channels + 1) * classes
    assert result.uncounted == ()


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (layers.Conv1D(4, 3, padding="same"), (10, 2), Macs(24 * 10, 28 * 10)),
        (layers.Conv3D(2, 2), (4, 4, 4, 1), Macs(16 * 27, 18 * 27)),
        (layers.DepthwiseConv1D(3, depth_multiplier=2), (10, 2), Macs(12 * 8, 16 * 8)),
        (layers.SeparableConv2D(4, 3), (6, 6, 2), Macs((18 + 8) * 16, (18 + 8 + 4) * 16)),
        # torchinfo multiplies a dense layer's parameters by the batch only.
        (layers.Dense(4), (5, 3), Macs(12 * 5, 16)),
        (layers.PReLU(shared_axes=[1]), (5, 3), Macs(0, 3)),
        (layers.Multiply(), [(5, 3), (5, 3)], Macs(0, 0)),
    ],
)
def test_rule_by_hand(layer, shape, expected):
    inputs = [keras.Input(s) for s in shape] if isinstance(shape, list) else keras.Input(shape)
    result = measure(keras.Model(inputs, layer(inputs)))
    assert (result.macs, result.macs_torchinfo) == (expected.true, expected.torchinfo)
    assert result.uncounted == ()


def test_channels_first_counts_the_same():
    inputs = keras.Input((2, 9, 8))
    conv = layers.Conv2D(3, 3, data_format="channels_first")
    assert measure(keras.Model(inputs, conv(inputs))).macs == 54 * 7 * 6


def test_attention_convolution_over_channels():
    from dssd_tf.layers import EfficientChannelAttention

    inputs = keras.Input((4, 6, 16))
    result = measure(keras.Model(inputs, EfficientChannelAttention()(inputs)))
    assert result.parameters == 3 and result.macs_torchinfo == 3 * 16


def test_new_rule_is_one_entry(monkeypatch):
    class Doubled(layers.Layer):
        def build(self, shape):
            self.kernel = self.add_weight(shape=(shape[-1],))

        def call(self, x):
            return x * self.kernel + x

    inputs = keras.Input((4, 3))
    model = keras.Model(inputs, Doubled(name="doubled")(inputs))
    assert measure(model).uncounted == ("doubled",)
    monkeypatch.setitem(RULES, Doubled, lambda call: Macs(call.outputs, call.parameters))
    result = measure(model)
    assert (result.macs, result.macs_torchinfo, result.uncounted) == (12, 3, ())


def test_subclass_uses_its_base_class():
    class Named(layers.Conv2D):
        pass

    assert rule_for(Named(1, 1)) is RULES[layers.Conv2D]
    assert rule_for(layers.Layer()) is None


def test_a_subclass_with_a_call_of_its_own_has_no_rule():
    class Squared(layers.Dense):
        def call(self, inputs):
            return super().call(inputs) ** 2

    class Renamed(layers.Dense):
        pass

    assert rule_for(Squared(3)) is None
    assert rule_for(Renamed(3)) is RULES[layers.Dense]
    inputs = keras.Input((4,))
    found = measure(keras.Model(inputs, Squared(3, name="odd")(inputs)))
    assert found.uncounted == ("odd",)


def test_rows_in_the_batch_axis_count_each_time():
    inputs = keras.Input((7, 4))
    rows = keras.ops.reshape(inputs, (-1, 4))
    found = measure(keras.Model(inputs, layers.BatchNormalization()(layers.Dense(5)(rows))))
    assert found.macs_torchinfo == 7 * (25 + 10)
    assert found.macs == 7 * (20 + 5)
