import keras
import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.models import DSMN, create_model, save_model


@pytest.fixture(scope="module")
def small(narrow):
    """Arguments of a narrow DSMN, which has no other name than its pattern."""
    return {**narrow, "input_shape": (16, 16, 2)}


@pytest.fixture(scope="module")
def clips():
    return np.random.default_rng(1).normal(size=(2, 16, 16, 2)).astype("float32")


def test_grids_halve_block_by_block():
    model = DSMN()
    grids = [model.get_layer(f"block{index}").output.shape[1:3] for index in range(1, 6)]
    assert grids == [(22, 128), (11, 64), (5, 32), (2, 16), (1, 8)]
    assert model.get_layer("embedding").output.shape == (None, 32 + 64 + 64 + 64)


@pytest.mark.parametrize("name", ["dsmn_s", "dsmn_f", "dsmn_sf"])
def test_blocks_run_the_grouped_operator_and_distil_half_the_channels(narrow, name):
    model = create_model(name, **narrow)
    blocks = [model.get_layer(f"block{index}") for index in (1, 2)]
    assert [block.operator for block in blocks] == ["sc_g", "sc_g"]
    assert [block.distill[0].filters for block in blocks] == [16 // 2, 8 // 2]


def test_ten_seconds_and_an_open_time_axis_take_the_same_weights(small, clips):
    model = DSMN(**small)
    long = DSMN(**{**small, "input_shape": (160, 16, 2)})
    assert long.count_params() == model.count_params()
    assert long.get_layer("block2").output.shape == (None, 40, 4, 8)
    open_time = DSMN(**{**small, "input_shape": (None, 16, 2)})
    assert open_time.output_shape == (None, 3)
    for fixed, x in ((model, clips), (long, np.repeat(clips, 10, axis=1))):
        open_time.set_weights(fixed.get_weights())
        expected = fixed(x, training=False)
        np.testing.assert_allclose(open_time(x, training=False), expected, atol=1e-5)


@pytest.mark.parametrize(("pooling", "reduce"), [("avg", np.mean), ("max", np.max)])
def test_features_are_the_pools_of_all_but_the_first_block(small, clips, pooling, reduce):
    three = {**small, "pattern": "SFF", "widths": (8, 4, 6)}
    model = DSMN(**three, include_top=False, pooling=pooling)
    blocks = [model.get_layer(name).output for name in ("block2", "block3")]
    *inner, found = keras.Model(model.input, [*blocks, model.output])(clips, training=False)
    expected = np.concatenate([reduce(block, axis=(1, 2)) for block in inner], axis=1)
    assert found.shape == (2, 4 + 6) and expected.std() > 0
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_weights_of_the_whole_network_serve_with_and_without_the_top(tmp_path, small, clips):
    model = DSMN(**small)
    save_model(model, tmp_path / "model.keras")
    again = DSMN(**small, weights=tmp_path / "model.keras")
    expected = model(clips, training=False)
    np.testing.assert_allclose(again(clips, training=False), expected, atol=1e-6)
    block = keras.Model(model.input, model.get_layer("block2").output)
    features = DSMN(**small, include_top=False, weights=tmp_path / "model.keras")
    expected = block(clips, training=False)
    np.testing.assert_allclose(features(clips, training=False), expected, atol=1e-6)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Skipping nested container")
@pytest.mark.parametrize("change", [{"classes": 13}, {"pattern": "FF"}, {"widths": (8, 4)}])
def test_weights_of_another_network_are_refused_by_file(tmp_path, small, change):
    path = tmp_path / "other.weights.h5"
    DSMN(**small).save_weights(path)
    with pytest.raises(ModelError, match="its weights do not fit dsmn") as refused:
        DSMN(**{**small, **change}, weights=path)
    assert refused.value.path == path and "\n" not in str(refused.value)


def test_one_second_cannot_be_halved_six_times():
    with pytest.raises(ValueError, match=r"block6: the time axis has size 1"):
        DSMN("SSSSSS", widths=(24, 32, 64, 64, 64, 64))


def test_a_width_the_groups_do_not_divide_is_refused_with_a_way_out(small):
    with pytest.raises(ValueError, match=r"multiple of 4, got 9 .*'sc'"):
        DSMN(**{**small, "widths": (9, 8)})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"pooling": "avg"}, r"pooling='avg' is for include_top=False"),
        ({"pooling": "sum", "include_top": False}, r"one of avg, max, got 'sum'"),
        ({"pattern": "SX"}, r"letters S and F, got 'SX'"),
        ({"widths": (8, 8, 8)}, r"pattern 'SF' and widths \(8, 8, 8\)"),
    ],
)
def test_bad_arguments_are_refused_with_the_value_and_the_choice(small, changes, told):
    with pytest.raises(ValueError, match=told):
        DSMN(**{**small, **changes})
