import keras
import pytest

from dssd_tf.models import DSMN, create_model

WIDE = (24, 128, 128, 128, 128)


@pytest.mark.parametrize(
    ("name", "overrides", "parameters", "macs"),
    [
        ("dsmn_s", {}, 45_164, 8_645_641),
        ("dsmn_f", {}, 56_556, 25_441_889),
        ("dsmn_sf", {}, 56_172, 16_746_033),
        ("dsmn_s", {"widths": WIDE}, 140_748, 20_920_441),
    ],
)
def test_figures_are_those_of_the_published_networks(figures, name, overrides, parameters, macs):
    model = create_model(name, **overrides)
    assert model.input_shape == (None, 44, 256, 2) and model.output_shape == (None, 13)
    trainable = sum(int(keras.ops.size(weight)) for weight in model.trainable_weights)
    assert trainable == parameters
    assert figures(model) == (parameters, macs)


def test_grids_halve_block_by_block():
    model = DSMN()
    grids = [model.get_layer(f"block{index}").output.shape[1:3] for index in range(1, 6)]
    assert grids == [(22, 128), (11, 64), (5, 32), (2, 16), (1, 8)]
    assert model.get_layer("embedding").output.shape == (None, 32 + 64 + 64 + 64)


def test_blocks_run_the_grouped_operator(narrow):
    model = create_model("dsmn_sf", **narrow)
    assert [model.get_layer(f"block{index}").operator for index in (1, 2)] == ["sc_g", "sc_g"]


def test_one_second_cannot_be_halved_six_times():
    with pytest.raises(ValueError, match=r"block6: the time axis has size 1"):
        DSMN("SSSSSS", widths=(24, 32, 64, 64, 64, 64))
