import keras
import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.models import DSSDN, create_model, save_model
from dssd_tf.models.dssdn import VARIANTS

OPERATOR = {"large": "sc", "middle": "osc", "small": "spc"}


def _inner(model, name):
    return keras.Model(model.input, model.get_layer(name).output)


@pytest.fixture(scope="module")
def saved(tmp_path_factory, narrow):
    """A narrow network with its top, and its weights in a `.keras` and a `.weights.h5` file."""
    keras.utils.set_random_seed(4)
    model, folder = DSSDN(**narrow), tmp_path_factory.mktemp("saved")
    save_model(model, folder / "model.keras")
    model.save_weights(folder / "model.weights.h5")
    return model, folder


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_fixes_the_operator_of_all_blocks(narrow, variant):
    model = create_model(f"dssdn_{variant}", **narrow)
    blocks = [model.get_layer(f"block{index}") for index in (1, 2)]
    assert {block.operator for block in blocks} == {VARIANTS[variant]} == {OPERATOR[variant]}
    assert model.output_shape == (None, 3)


@pytest.mark.parametrize("operator", ["sc_g", "spc"])
def test_an_operator_may_be_given_instead_of_the_variants(narrow, operator):
    model = DSSDN("large", **narrow, operator=operator)
    assert model.get_layer("block2").operator == operator


@pytest.mark.parametrize(("width", "expected"), [(None, [8, 4]), (5, [5, 5]), ("same", [16, 8])])
def test_distilled_width_reaches_every_block(narrow, width, expected):
    model = create_model("dssdn_large", **narrow, distilled_width=width)
    assert [model.get_layer(f"block{i}").distill[0].filters for i in (1, 2)] == expected


def test_own_pattern_widths_stem_and_hidden_units(narrow, batch):
    model = DSSDN(
        **{**narrow, "pattern": "FSF", "widths": (4, 6, 10)}, stem_width=12, hidden_units=7
    )
    blocks = [model.get_layer(f"block{index}") for index in (1, 2, 3)]
    assert [block.split for block in blocks] == [False, True, False]
    assert [block.output.shape[1:] for block in blocks] == [(8, 8, 4), (4, 4, 6), (2, 2, 10)]
    assert model.get_layer("stem").output.shape == (None, 16, 16, 12)
    assert model.get_layer("hidden").units == 7
    assert model(batch, training=False).shape == (2, 3)


def test_ten_seconds_cost_the_same_parameters_and_more_of_the_grid(figures, narrow):
    short = figures(create_model("dssdn_large", **narrow))
    long = figures(create_model("dssdn_large", **{**narrow, "input_shape": (160, 16, 1)}))
    assert short[0] == long[0] and 8 * short[1] < long[1] < 10 * short[1]


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_an_open_time_axis_takes_clips_of_any_length(narrow, variant):
    open_time = DSSDN(variant, **{**narrow, "input_shape": (None, 16, 1)})
    assert open_time.input_shape == (None, None, 16, 1) and open_time.output_shape == (None, 3)
    for frames in (9, 16):
        x = np.random.default_rng(frames).normal(size=(2, frames, 16, 1)).astype("float32")
        fixed = DSSDN(variant, **{**narrow, "input_shape": (frames, 16, 1)})
        fixed.set_weights(open_time.get_weights())
        expected = fixed(x, training=False)
        np.testing.assert_allclose(open_time(x, training=False), expected, atol=1e-5)


def test_a_clip_too_short_for_an_open_time_axis_is_refused_not_answered_with_nan(narrow):
    model = DSSDN(**{**narrow, "input_shape": (None, 16, 1)})
    assert np.isfinite(model(np.ones((1, 4, 16, 1), "float32"))).all()
    with pytest.raises(ValueError, match="block2: the time axis has size 1"):
        model(np.ones((1, 3, 16, 1), "float32"))


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_mixed_precision_predicts_finite_numbers_near_those_of_float32(narrow, batch, variant):
    model = DSSDN(variant, **narrow)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        half = DSSDN(variant, **narrow)
    finally:
        keras.config.set_dtype_policy("float32")
    half.set_weights(model.get_weights())
    assert half.compute_dtype == "float16" and {w.dtype for w in half.weights} == {"float32"}
    found = half.predict(batch, verbose=0)
    assert found.dtype == np.float16 and np.isfinite(found).all()
    np.testing.assert_allclose(found, model.predict(batch, verbose=0), atol=2e-2)


def test_features_without_pooling_are_the_last_block(saved, narrow, batch):
    model, folder = saved
    features = DSSDN(**narrow, include_top=False, weights=folder / "model.keras")
    assert features.output_shape == (None, 4, 4, 8)
    expected = _inner(model, "block2")(batch, training=False)
    np.testing.assert_allclose(features(batch, training=False), expected, atol=1e-6)


@pytest.mark.parametrize(("pooling", "reduce"), [("avg", np.mean), ("max", np.max)])
def test_features_with_pooling_are_those_of_the_blocks(narrow, batch, pooling, reduce):
    three = {**narrow, "pattern": "SFF", "widths": (8, 5, 6)}
    model = DSSDN(**three, include_top=False, pooling=pooling)
    assert model.output_shape == (None, 5 + 6)
    blocks = [_inner(model, name)(batch, training=False) for name in ("block2", "block3")]
    expected = np.concatenate([reduce(block, axis=(1, 2)) for block in blocks], axis=1)
    np.testing.assert_allclose(model(batch, training=False), expected, atol=1e-6)


def test_average_features_are_the_embedding_of_the_whole_network(tmp_path, narrow, batch):
    three = {**narrow, "pattern": "SFF", "widths": (8, 5, 6)}
    model, path = DSSDN(**three), tmp_path / "model.weights.h5"
    model.save_weights(path)
    features = DSSDN(**three, include_top=False, pooling="avg", weights=str(path))
    expected = _inner(model, "embedding")(batch, training=False)
    np.testing.assert_allclose(features(batch, training=False), expected, atol=1e-6)


@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5"])
def test_weights_of_the_whole_network_give_its_outputs(saved, narrow, batch, name):
    model, folder = saved
    again = DSSDN(**narrow, weights=folder / name)
    expected = model(batch, training=False)
    assert np.abs(np.asarray(DSSDN(**narrow)(batch)) - expected).max() > 1e-3
    np.testing.assert_allclose(again(batch, training=False), expected, atol=1e-6)


def test_weights_do_not_depend_on_the_length_of_the_clips(saved, narrow, batch):
    model, folder = saved
    open_time = {**narrow, "input_shape": (None, 16, 1)}
    again = DSSDN(**open_time, weights=folder / "model.keras")
    expected = model(batch, training=False)
    np.testing.assert_allclose(again(batch, training=False), expected, atol=1e-5)


@pytest.mark.filterwarnings("ignore:Skipping nested container")
@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5"])
@pytest.mark.parametrize(
    "change",
    [
        {"classes": 4},
        {"widths": (8, 6)},
        {"pattern": "FF"},
        {"pattern": "SFF", "widths": (8, 8, 8)},
        {"variant": "small"},
        {"distilled_width": 5},
        {"input_shape": (16, 16, 2), "include_top": False},
    ],
)
def test_weights_of_another_network_are_refused_by_file(saved, narrow, name, change):
    path = saved[1] / name
    with pytest.raises(ModelError, match="its weights do not fit dssdn") as refused:
        DSSDN(**{**narrow, **change}, weights=path)
    message = str(refused.value)
    assert message.startswith(f"{path}: ") and "\n" not in message
    assert message.endswith("give the arguments of the network it was saved from")


@pytest.mark.filterwarnings("ignore:Skipping nested container")
def test_weights_without_the_top_do_not_fill_the_whole_network(tmp_path, narrow):
    save_model(DSSDN(**narrow, include_top=False), tmp_path / "features.keras")
    with pytest.raises(ModelError, match=r"features.keras: its weights do not fit.*name=hidden"):
        DSSDN(**narrow, weights=tmp_path / "features.keras")


def test_an_error_of_the_weights_passes_through_the_registry(tmp_path, narrow):
    with pytest.raises(ModelError, match=r"none.keras: no such file of weights"):
        create_model("dssdn_large", **narrow, weights=tmp_path / "none.keras")


@pytest.mark.parametrize("name", [None, "huge", "LARGE"])
def test_unknown_variant_is_named_with_the_choices(name):
    with pytest.raises(ValueError, match=f"{name!r}") as refused:
        DSSDN(name)
    assert str(refused.value).endswith("; choose one of large, middle, small")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"operator": "conv"}, r"unknown operator 'conv'; choose one of sc, sc_g, osc, spc"),
        ({"operator": ""}, r"unknown operator ''"),
        ({"distilled_width": "half"}, r"distilled_width must be .*'same' or None, got 'half'"),
        ({"distilled_width": 0}, r"distilled_width must be a whole number from 1 up.*got 0"),
        ({"distilled_width": 2.5}, r"distilled_width must be a whole number.*got 2\.5"),
        ({"pooling": "avg"}, r"pooling='avg' is for include_top=False"),
        ({"pooling": "sum", "include_top": False}, r"one of avg, max, got 'sum'"),
        ({"pattern": "SX"}, r"letters S and F, got 'SX'"),
        ({"pattern": "S", "widths": (8,)}, r"pattern 'S' and widths \(8,\).*at least 2"),
        ({"widths": (8,)}, r"pattern 'SF' and widths \(8,\) must have the same length"),
        ({"input_shape": (3, 16, 1)}, r"block2: the time axis has size 1"),
        ({"input_shape": (16, 15, 1)}, r"must have an even, known size.*got 15"),
        ({"input_shape": (16, None, 1)}, r"must have an even, known size.*got None"),
        ({"input_shape": (16, 16, None)}, r"channels .* must be known, got \(None, 16, 16, None\)"),
        ({"input_shape": (16, 16)}, r"rank 4.*got rank 3 with shape \(None, 16, 16\)"),
        ({"variant": "small", "widths": (3, 8)}, r"at least 4, got 3 in shape \(None, 8, 8, 3\)"),
        ({"operator": "sc_g", "widths": (9, 8)}, r"multiple of 4, got 9"),
    ],
)
def test_bad_arguments_are_refused_with_the_value_and_the_choice(narrow, changes, told):
    with pytest.raises(ValueError, match=told):
        DSSDN(**{**narrow, **changes})
