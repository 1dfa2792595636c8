import keras
import numpy as np
import pytest
from keras import layers

import dssd_tf.layers as room
from dssd_tf.errors import ModelError
from dssd_tf.quantization.deploy.graph import Step, build, order
from dssd_tf.quantization.deploy.operator_rules import RULES

GRID = (8, 6, 8)


def _source(*shape):
    return Step(None, name="features", shape=(None, *(shape or GRID)))


@pytest.fixture
def trained(train_like):
    """Build a layer on a grid and move its weights away from where they start."""

    def make(layer, shape=GRID):
        inputs = keras.Input(shape)
        train_like(keras.Model(inputs, layer(inputs)))
        return layer

    return make


def _rule(layer, x=None):
    return RULES[type(layer)](layer, layer.name, _source() if x is None else x)


def _same(layer, output, x=None):
    x = np.random.default_rng(4).normal(size=(3, *GRID)).astype("float32") if x is None else x
    expected = np.asarray(layer(x, training=False))
    assert expected.std() > 1e-3
    found = np.asarray(build(output, "net")(x))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def _convolutions(output):
    kinds = (layers.Conv2D, layers.DepthwiseConv2D)
    return [step for step in order(output) if step.kind in kinds]


@pytest.mark.parametrize(
    ("layer", "count"),
    [
        (room.SeparableConv(5), 2),
        (room.SeparableConv(8, grouped=True, dilation_rate=1), 1),
        (room.SeparableConv(4, grouped=True), 2),
        (room.OrthonormalSeparableConv(5, dilation_rate=3), 3),
        (room.SeparablePartialConv(8), 3),
        (room.SeparablePartialConv(5), 3),
        (room.CrossDepthwiseConv(3), 1),
        (room.GroupedPointwiseConv(4), 1),
        (room.GroupedPointwiseConv(8, activation="relu"), 1),
        (room.EfficientChannelAttention(5), 1),
        (room.DistilledBlock(6, split=True), 9),
        (room.DistilledBlock(6, split=False, distilled_filters=3), 10),
        (room.ResidualDistilledBlock(6, split=True), 10),
        (room.ResidualDistilledBlock(8, split=True, pool_size=(1, 1)), 9),
        (room.ResidualDistilledBlock(6, split=False), 11),
        (room.ResidualDistilledBlock(8, split=False, pool_size=(1, 2)), 10),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, layers.Layer) else "",
)
def test_an_operator_and_its_steps_compute_the_same(trained, layer, count):
    output = _rule(trained(layer))
    assert len(_convolutions(output)) == count
    assert output.shape == tuple(layer.compute_output_shape((None, *GRID)))
    _same(layer, output)


def test_every_step_is_named_after_its_layer(trained):
    output = _rule(trained(room.DistilledBlock(6, name="block7")))
    assert all(step.name.startswith("block7_") for step in order(output)[1:])


def test_both_halves_are_distilled_by_two_taps(trained):
    output = _rule(trained(room.DistilledBlock(6, name="block")))
    (distill,) = (step for step in order(output) if step.name == "block_distill")
    assert distill.config["kernel_size"] == (1, 2)
    assert distill.config["dilation_rate"] == (1, 3)
    assert distill.shape[:3] == (None, 8, 3)


def test_a_split_gives_the_low_and_the_high_half():
    low, high = _rule(room.FrequencySplit(name="halves"))
    x = np.random.default_rng(4).normal(size=(3, *GRID)).astype("float32")
    np.testing.assert_array_equal(build(low, "low")(x), x[:, :, :3])
    np.testing.assert_array_equal(build(high, "high")(x), x[:, :, 3:])


@pytest.mark.parametrize("beta", [0.0, -0.4])
@pytest.mark.parametrize("shape", [GRID, (5, 3, 4)])
def test_response_norm_computes_the_same_without_a_shift_for_nothing(trained, beta, shape):
    layer = trained(room.GlobalResponseNorm(), shape)
    layer.gamma.assign([0.7])
    layer.beta.assign([beta])
    output = _rule(layer, _source(*shape))
    assert ("shift" in output.name) == bool(beta)
    x = np.random.default_rng(5).normal(size=(3, *shape)).astype("float32")
    _same(layer, output, x * np.float32([0.1, 1, 10])[:, None, None, None])


def test_response_norm_of_silence_is_finite(trained):
    layer = trained(room.GlobalResponseNorm())
    layer.gamma.assign([0.7])
    x = np.zeros((2, *GRID), "float32")
    np.testing.assert_array_equal(build(_rule(layer), "net")(x), layer(x))
    x[..., 0] = 1.0  # one channel alone, the others silent
    _same(layer, _rule(layer), x)


@pytest.mark.parametrize("shape", [(None, 6, 8), (8, None, 8)])
def test_response_norm_of_an_open_grid_is_refused_by_name(trained, shape):
    layer = trained(room.GlobalResponseNorm(name="norm"))
    with pytest.raises(ModelError, match=r"'norm' needs a grid of fixed size, got \(None"):
        _rule(layer, _source(*shape))


def test_other_operators_leave_time_open(trained):
    for layer in (room.SeparableConv(5), room.DistilledBlock(6)):
        output = _rule(trained(layer), _source(None, 6, 8))
        assert output.shape[1] is None
        _same(layer, output)


@pytest.mark.parametrize(("filters", "groups"), [(4, 4), (2, 2)])
def test_a_grouped_pointwise_kernel_has_zeros_between_its_groups(trained, filters, groups):
    (step,) = _convolutions(_rule(trained(room.GroupedPointwiseConv(filters))))
    kernel = step.weights[0][0, 0]
    own = np.kron(np.eye(groups), np.ones((8 // groups, 1))).astype(bool)
    assert kernel.shape == (8, filters) and kernel[own].all() and not kernel[~own].any()


def test_a_grouped_pointwise_convolution_without_activation_is_a_linear_step(trained):
    # Else no scale behind it goes into it.
    (step,) = _convolutions(_rule(trained(room.GroupedPointwiseConv(4))))
    assert step.config["activation"] is None
