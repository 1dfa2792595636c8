import keras
import numpy as np
import pytest

from dssd_tf.layers import OPERATORS, DistilledBlock


@pytest.mark.parametrize("split", [True, False])
def test_harness(run_layer_test, split):
    init = {"filters": 6, "operator": "sc_g", "split": split, "distilled_filters": 4}
    run_layer_test(DistilledBlock, init, (2, 5, 6, 8), (2, 2, 3, 6))


@pytest.mark.parametrize("operator", sorted(OPERATORS))
@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("distilled", [None, 8])
def test_equals_the_formula(randomize, reference, operator, split, distilled):
    # Odd time, and odd half of the bands: the pooling leaves the last row and column out.
    x = np.random.default_rng(0).normal(size=(2, 7, 10, 8)).astype("float32")
    layer = DistilledBlock(6, operator=operator, split=split, distilled_filters=distilled)
    layer.build(x.shape)
    randomize(layer)
    expected = reference.distilled_block(layer, x.astype("float64"))
    assert expected.shape == (2, 3, 5, 6) and expected.max() > 0.1
    np.testing.assert_allclose(layer(x, training=False), expected, atol=1e-4)


@pytest.mark.parametrize(("split", "fused"), [(True, 1), (False, 3)])
def test_trainable_parameters_are_those_of_the_docstring(split, fused):
    channels, filters, distilled = 8, 6, 4
    layer = DistilledBlock(filters, operator="sc_g", split=split)
    layer.build((None, 8, 8, channels))
    trainable = sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)
    operators = 18 * channels + channels + 8 * distilled
    distillation = 2 * (channels * distilled + distilled)
    assert trainable == (
        operators + distillation + 3 + fused * distilled * filters + filters + 2 * filters
    )


def test_distilled_width_is_half_the_input_rounded_down():
    layer = DistilledBlock(6, split=False)
    layer.build((None, 4, 4, 7))
    assert [conv.filters for conv in layer.distill] == [3, 3]


def test_block_with_split_reaches_the_high_half_only_through_its_distillation(randomize):
    x = np.random.default_rng(0).normal(size=(1, 4, 8, 4)).astype("float32")
    layer = DistilledBlock(4)
    layer.build(x.shape)
    randomize(layer)
    for weight in layer.distill[1].weights:
        weight.assign(np.zeros(weight.shape, "float32"))
    other = x.copy()
    other[:, :, 4:] += 5.0
    np.testing.assert_array_equal(layer(other, training=False), layer(x, training=False))


def test_training_flag_reaches_every_batch_normalization():
    layer = DistilledBlock(4)
    x = np.random.default_rng(0).normal(2.0, 1.0, size=(2, 4, 8, 4)).astype("float32")
    layer.build(x.shape)
    means = [weight for weight in layer.weights if weight.name == "moving_mean"]
    assert len(means) == 4
    layer(x, training=False)
    assert all(not np.any(mean) for mean in means)
    layer(x, training=True)
    assert all(np.any(mean) for mean in means)


@pytest.mark.parametrize(
    ("shape", "axis"), [((1, 1, 8, 4), "time"), ((1, 8, 1, 4), "frequency"), ((1, 0, 8, 4), "time")]
)
@pytest.mark.parametrize("split", [True, False])
def test_a_grid_that_pools_to_nothing_is_refused(shape, axis, split):
    layer = DistilledBlock(4, split=split, name="deep")
    with pytest.raises(ValueError) as refused:
        layer.build(shape)
    message = str(refused.value)
    assert message.startswith(f"deep: the {axis} axis has size {min(shape[1:3])}")
    assert str(shape) in message and "fewer blocks" in message
    with pytest.raises(ValueError, match=f"the {axis} axis"):
        layer.compute_output_shape(shape)


def test_odd_bands_are_refused_with_split_and_taken_without():
    x = np.ones((1, 4, 7, 4), "float32")
    with pytest.raises(ValueError, match=r"got 7 in shape \(1, 4, 7, 4\).*\(F\)"):
        DistilledBlock(4)(x)
    assert DistilledBlock(4, split=False)(x).shape == (1, 2, 3, 4)


def test_grouped_operator_refuses_a_distilled_width_that_does_not_divide():
    with pytest.raises(ValueError, match=r"multiple of 3, got 8"):
        DistilledBlock(4, operator="sc_g", distilled_filters=3)(np.ones((1, 4, 4, 8), "float32"))


def test_nothing_distilled_is_refused_with_the_shape():
    with pytest.raises(ValueError, match=r"deep: 0 distilled.*\(1, 4, 4, 1\)"):
        DistilledBlock(4, name="deep").build((1, 4, 4, 1))


def test_unknown_operator_is_named():
    with pytest.raises(ValueError, match=r"unknown operator 'conv'.*sc"):
        DistilledBlock(4, operator="conv")


def test_open_time_is_allowed():
    layer = DistilledBlock(4)
    inputs = keras.Input((None, 8, 4))
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape == (None, None, 4, 4)
    assert model(np.ones((1, 6, 8, 4), "float32")).shape == (1, 3, 4, 4)
