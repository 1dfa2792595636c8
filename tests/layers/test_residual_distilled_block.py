import numpy as np
import pytest

from dssd_tf.layers import OPERATORS, DistilledBlock, ResidualDistilledBlock


@pytest.mark.parametrize(("split", "shape"), [(True, (2, 5, 1, 6)), (False, (2, 5, 2, 6))])
def test_harness(run_layer_test, split, shape):
    init = {"filters": 6, "operator": "sc_g", "split": split, "pool_size": (1, 3)}
    init["dilation_rate"] = 3
    run_layer_test(ResidualDistilledBlock, init, (2, 5, 6, 8), shape)


@pytest.mark.parametrize("operator", sorted(OPERATORS))
@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("filters", [6, 8])
@pytest.mark.parametrize("pool", [(2, 1), (1, 1), (2, 2)])
def test_equals_the_formula(randomize, reference, operator, split, filters, pool):
    x = np.random.default_rng(0).normal(size=(2, 7, 10, 8)).astype("float32")
    layer = ResidualDistilledBlock(filters, operator=operator, split=split, pool_size=pool)
    layer.build(x.shape)
    randomize(layer)
    expected = reference.residual_distilled_block(layer, x.astype("float64"), pool)
    assert expected.shape == (2, 7 // pool[0], 10 // (1 + split) // pool[1], filters)
    assert expected.max() > 0.1
    np.testing.assert_allclose(layer(x, training=False), expected, atol=1e-4)


def test_its_taps_can_be_chosen():
    layer = ResidualDistilledBlock(6, operator="osc", dilation_rate=1)
    layer.build((None, 8, 8, 8))
    assert [operator.cross.dilation_rate for operator in layer.operators] == [1, 1, 1]


@pytest.mark.parametrize("split", [True, False])
def test_its_pool_is_that_of_the_plain_block_unless_given(split):
    shape = (None, 9, 12, 4)
    plain = DistilledBlock(6, split=split).compute_output_shape(shape)
    assert ResidualDistilledBlock(6, split=split).compute_output_shape(shape) == plain


@pytest.mark.parametrize(("filters", "more"), [(8, 0), (6, 8 * 6 + 2 * 6)])
def test_parameters_beyond_the_plain_blocks_are_those_of_the_docstring(filters, more):
    counts = []
    for kind in (DistilledBlock, ResidualDistilledBlock):
        layer = kind(filters)
        layer.build((None, 8, 8, 8))
        counts.append(sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights))
    assert counts[1] - counts[0] == more


@pytest.mark.parametrize("split", [True, False])
def test_the_input_reaches_the_output_past_the_operators(randomize, split):
    x = np.random.default_rng(0).uniform(0.5, 1.0, size=(1, 4, 8, 4)).astype("float32")
    layer = ResidualDistilledBlock(4, split=split, pool_size=(1, 1))
    layer.build(x.shape)
    randomize(layer)
    for weight in (layer.norm.gamma, layer.norm.beta):
        weight.assign(np.zeros(4, "float32"))
    layer.norm.moving_mean.assign(np.zeros(4, "float32"))
    expected = x[:, :, :4] + x[:, :, 4:] if split else x
    np.testing.assert_allclose(layer(x, training=False), expected, rtol=1e-6)


def test_training_flag_reaches_every_batch_normalization():
    layer = ResidualDistilledBlock(6)
    x = np.random.default_rng(0).normal(2.0, 1.0, size=(2, 4, 8, 4)).astype("float32")
    layer.build(x.shape)
    means = [weight for weight in layer.weights if weight.name == "moving_mean"]
    assert len(means) == 5
    layer(x, training=False)
    assert all(not np.any(mean) for mean in means)
    layer(x, training=True)
    assert all(np.any(mean) for mean in means)


@pytest.mark.parametrize("pool", [(0, 1), (1, 2, 3), (2, -1)])
def test_a_pool_that_is_none_is_refused(pool):
    with pytest.raises(ValueError, match="pool_size must be two numbers from 1 up"):
        ResidualDistilledBlock(4, pool_size=pool)


@pytest.mark.parametrize(
    ("pool", "shape", "message"),
    [
        ((4, 1), (None, 3, 8, 4), "deep: the time axis has size 3 .* cannot be reduced by 4"),
        ((1, 4), (None, 3, 6, 4), "deep: the frequency axis has size 6 .* be reduced by 8"),
    ],
)
def test_a_grid_that_pools_to_nothing_is_refused(pool, shape, message):
    with pytest.raises(ValueError, match=message):
        ResidualDistilledBlock(4, pool_size=pool, name="deep").build(shape)
