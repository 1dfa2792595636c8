import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.layers import DistilledBlock, OrthonormalSeparableConv
from dssd_tf.layers.orthonormal_separable_conv import bottleneck_width


def _penalty(layer: OrthonormalSeparableConv, weight: float = 0.1) -> float:
    """weight * ||P1 P1ᵀ - I||_F by NumPy."""
    rows = np.asarray(layer.reduce.kernel, "float64")[0, 0].T
    return float(weight * np.linalg.norm(rows @ rows.T - np.eye(len(rows)), "fro"))


def _classifier(penalty: float) -> keras.Model:
    inputs = keras.Input((6, 6, 8))
    x = OrthonormalSeparableConv(8, penalty=penalty, name="first")(inputs)
    x = OrthonormalSeparableConv(4, penalty=penalty, name="second")(x)
    x = keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, x)


@pytest.fixture
def pair(randomize):
    """Two models with the same weights, the first with the penalty, the second without."""
    with_penalty, without = _classifier(0.1), _classifier(0.0)
    randomize(with_penalty)
    without.set_weights(with_penalty.get_weights())
    return with_penalty, without


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    return random.normal(size=(12, 6, 6, 8)).astype("float32"), random.integers(0, 3, 12)


@pytest.mark.parametrize("filters", [8, 4])
def test_harness(run_layer_test, filters):
    init = {"filters": filters, "penalty": 0.2, "dilation_rate": 1}
    run_layer_test(OrthonormalSeparableConv, init, (2, 6, 7, 8), (2, 6, 7, filters))


@pytest.mark.parametrize(("channels", "filters"), [(8, 8), (8, 4), (3, 5), (20, 6)])
@pytest.mark.parametrize("dilation", [1, 2])
def test_inference_is_that_of_the_formula(equals_the_formula, channels, filters, dilation):
    layer = OrthonormalSeparableConv(filters, dilation_rate=dilation)
    equals_the_formula(layer, channels, dilation)


def test_penalty_is_a_tenth_unless_said_otherwise():
    assert OrthonormalSeparableConv(4).penalty == 0.1


@pytest.mark.parametrize(
    ("channels", "width"),
    [(1, 1), (3, 3), (4, 4), (15, 4), (16, 4), (17, 5), (20, 5), (24, 6), (64, 16), (65, 17)],
)
def test_bottleneck_is_a_quarter_rounded_up_at_least_four_at_most_all(channels, width):
    assert bottleneck_width(channels) == width
    layer = OrthonormalSeparableConv(2)
    layer.build((None, 3, 3, channels))
    assert layer.reduce.kernel.shape == (1, 1, channels, width)
    assert layer.expand.kernel.shape == (1, 1, width, 2)


@given(channels=st.integers(1, 40), filters=st.integers(1, 40))
@settings(max_examples=10, deadline=None)
def test_trainable_parameters_are_those_of_the_docstring(channels, filters):
    layer = OrthonormalSeparableConv(filters)
    layer.build((None, 6, 6, channels))
    trainable = sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)
    middle = bottleneck_width(channels)
    assert trainable == middle * (channels + filters) + 6 * filters + 2 * filters


@given(time=st.integers(0, 6), band=st.integers(0, 7), dilation=st.sampled_from([1, 2, 3]))
@settings(max_examples=10, deadline=None)
def test_receptive_field_is_a_cross_as_wide_as_the_dilation(time, band, dilation):
    layer = OrthonormalSeparableConv(2, dilation_rate=dilation)
    layer.build((None, 7, 8, 3))
    for part in (layer.reduce, layer.expand, layer.cross.time, layer.cross.frequency):
        part.set_weights([np.ones(part.kernel.shape, "float32")])
    x = np.zeros((1, 7, 8, 3), "float32")
    x[0, time, band] = 1.0
    y = np.asarray(layer(x, training=False))[0].max(axis=-1)
    steps = (-dilation, 0, dilation)
    cross = {(time + step, band) for step in steps} | {(time, band + step) for step in steps}
    inside = {(t, f) for t, f in cross if 0 <= t < 7 and 0 <= f < 8}
    assert {(int(t), int(f)) for t, f in np.argwhere(y > 0)} == inside


def test_penalty_is_a_loss_of_a_training_call_only(randomize):
    x = np.ones((2, 5, 6, 12), "float32")
    layer = OrthonormalSeparableConv(6, penalty=0.3)
    layer.build(x.shape)
    randomize(layer)
    layer(x)
    layer(x, training=False)
    assert layer.losses == []
    layer(x, training=True)
    (loss,) = layer.losses
    np.testing.assert_allclose(loss, _penalty(layer, 0.3), rtol=1e-4)


def test_orthonormal_rows_are_not_penalised():
    layer = OrthonormalSeparableConv(6)
    layer.build((None, 5, 6, 12))
    columns, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 4)))
    layer.reduce.set_weights([columns[None, None].astype("float32")])
    layer(np.ones((1, 5, 6, 12), "float32"), training=True)
    assert 0 <= float(layer.losses[0]) < 1e-6


def test_penalty_zero_adds_no_loss():
    layer = OrthonormalSeparableConv(6, penalty=0.0)
    layer(np.ones((1, 5, 6, 12), "float32"), training=True)
    assert layer.losses == []


def test_penalties_of_all_layers_reach_the_losses_of_the_model(pair, data):
    model, without = pair
    model(data[0], training=True)
    without(data[0], training=True)
    expected = [_penalty(model.get_layer(name)) for name in ("first", "second")]
    np.testing.assert_allclose([float(loss) for loss in model.losses], expected, rtol=1e-4)
    assert without.losses == []


def test_penalties_of_a_blocks_operators_reach_the_losses_of_the_block():
    block = DistilledBlock(4, operator="osc")
    x = np.ones((1, 4, 8, 8), "float32")
    block(x)
    assert block.losses == []
    block(x, training=True)
    expected = [_penalty(operator) for operator in block.operators]
    np.testing.assert_allclose([float(loss) for loss in block.losses], expected, rtol=1e-4)


def test_fit_trains_on_the_penalty_and_evaluate_leaves_it_out(pair, data):
    x, y = data
    penalties = sum(_penalty(pair[0].get_layer(name)) for name in ("first", "second"))
    trained, evaluated = [], []
    for model in pair:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(0.0), loss)
        evaluated.append(model.evaluate(x, y, batch_size=12, verbose=0))
        fitted = model.fit(x, y, batch_size=12, epochs=1, shuffle=False, verbose=0)
        trained.append(fitted.history["loss"][0])
    assert penalties > 0.1
    np.testing.assert_allclose(trained[0] - trained[1], penalties, rtol=1e-3)
    np.testing.assert_allclose(evaluated[0], evaluated[1], rtol=1e-5)


@pytest.mark.slow
def test_fit_moves_the_rows_towards_orthonormal_ones(pair, data):
    x, y = data
    after = []
    for model in pair:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(0.1), loss)
        model.fit(x, y, batch_size=12, epochs=15, shuffle=False, verbose=0)
        after.append(_penalty(model.get_layer("first")))
    assert after[0] < 0.7 * after[1]


def test_penalty_stays_in_float32_under_mixed_precision(randomize):
    x = np.ones((2, 5, 6, 64), "float32")
    layer = OrthonormalSeparableConv(6, dtype="mixed_float16")
    layer.build(x.shape)
    randomize(layer)
    assert layer(x, training=True).dtype == "float16"
    (loss,) = layer.losses
    assert loss.dtype == "float32"
    np.testing.assert_allclose(loss, _penalty(layer), rtol=5e-3)


def test_a_reloaded_model_has_its_penalty_still(pair, data, tmp_path):
    pair[0].save(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    model(data[0], training=True)
    expected = [_penalty(pair[0].get_layer(name)) for name in ("first", "second")]
    np.testing.assert_allclose([float(loss) for loss in model.losses], expected, rtol=1e-4)


@pytest.mark.parametrize("penalty", [-1.0, float("nan")])
def test_a_penalty_that_is_no_factor_is_refused_with_its_value(penalty):
    with pytest.raises(ValueError, match=f"penalty.*not negative, got {penalty}"):
        OrthonormalSeparableConv(4, penalty=penalty)
