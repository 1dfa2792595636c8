"""Parameters and multiply-adds of the registry's block networks, against printed figures.

DSMN's are those of the published networks. DSSDN's parameters are exact figures too; its
multiply-adds are told in rounded millions, so they are held against the closed form below,
which follows the formulas of the layers' docstrings, not their code.
"""

from math import ceil, prod

import pytest

from dssd_tf.models import create_model

SFFFF, SSSSS, FFFFF = "SFFFF", "SSSSS", "FFFFF"
WIDTHS = (24, 32, 64, 64, 64)
STEM, HIDDEN = 16, 100


def _operator(operator: str, channels: int, filters: int) -> tuple[int, int]:
    """Weights of the convolutions of one operator, and those of its batch normalization."""
    norm, cross = 2 * filters, 6 * filters
    if operator == "sc":
        return channels * filters + cross, norm
    if operator == "sc_g":
        return channels + cross, norm
    if operator == "osc":
        middle = min(channels, max(4, ceil(channels / 4)))
        return middle * (channels + filters) + cross, norm
    part = channels // 4
    projection = channels * filters if channels != filters else 0
    return part**2 + 6 * part + projection, norm


def _block(
    form: str, operator: str, channels: int, filters: int, distilled: int, positions: int
) -> tuple[int, int]:
    """Parameters, and multiply-adds by the torchinfo rule, of one block."""
    positions = positions // 2 if form == "S" else positions
    fused = distilled if form == "S" else 3 * distilled
    operators = [_operator(operator, channels, width) for width in (channels, channels, distilled)]
    convolutions = sum(weights for weights, _ in operators)
    convolutions += 2 * (channels * distilled + distilled)
    convolutions += fused * filters + filters
    norms = sum(norm for _, norm in operators) + 2 * filters
    return convolutions + norms + 3, positions * convolutions + norms + 3 * fused


def _closed_form(
    operator: str,
    pattern: str,
    input_shape: tuple[int, int, int],
    classes: int,
    widths: tuple[int, ...] = WIDTHS,
    same: bool = False,
) -> tuple[int, int]:
    """Parameters, and multiply-adds by the torchinfo rule, of a whole network.

    The rule: a convolution costs its parameters, bias included, at each output position; the
    attention's convolution 3 a channel; a normalization or dense layer its parameters once.
    """
    time, bands, inputs = input_shape
    parameters = inputs * STEM + STEM
    macs = time * bands * parameters
    channels = STEM
    for form, filters in zip(pattern, widths, strict=True):
        distilled = channels if same else channels // 2
        block = _block(form, operator, channels, filters, distilled, time * bands)
        parameters, macs = parameters + block[0], macs + block[1]
        time, bands, channels = time // 2, bands // 2, filters
    dense = (sum(widths[1:]) + 1) * HIDDEN + (HIDDEN + 1) * classes
    return parameters + dense, macs + dense


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pattern", "widths", "parameters", "macs"),
    [
        ("dsmn_s", SSSSS, WIDTHS, 45_164, 8_645_641),
        ("dsmn_f", FFFFF, WIDTHS, 56_556, 25_441_889),
        ("dsmn_sf", SFFFF, WIDTHS, 56_172, 16_746_033),
        ("dsmn_s_wide", SSSSS, (24, 128, 128, 128, 128), 140_748, 20_920_441),
    ],
)
def test_dsmn_has_the_figures_of_the_published_networks(
    figures, name, pattern, widths, parameters, macs
):
    model = create_model(name)
    assert model.input_shape == (None, 44, 256, 2) and model.output_shape == (None, 13)
    assert figures(model) == (parameters, macs)
    assert _closed_form("sc_g", pattern, (44, 256, 2), 13, widths) == (parameters, macs)
    trainable = sum(prod(weight.shape) for weight in model.trainable_weights)
    assert trainable == parameters


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "operator", "pattern", "frames", "parameters", "millions"),
    [
        ("dssdn_large", "sc", SFFFF, 44, 80_373, "27.42"),
        ("dssdn_large", "sc", SFFFF, 431, 80_373, "272.7"),
        ("dssdn_large", "sc", SSSSS, 44, 69_365, "15.56"),
        ("dssdn_middle", "osc", SFFFF, 44, 69_069, "22.27"),
        ("dssdn_middle", "osc", SFFFF, 431, 69_069, "221.4"),
        ("dssdn_middle", "osc", SSSSS, 44, 58_061, "12.18"),
        ("dssdn_small", "spc", SFFFF, 44, 60_061, "17.11"),
        ("dssdn_small", "spc", SFFFF, 431, 60_061, "170.1"),
        ("dssdn_small", "spc", SSSSS, 44, 49_053, "8.62"),
    ],
)
def test_dssdn_has_the_figures_of_its_formulas(
    figures, name, operator, pattern, frames, parameters, millions
):
    model = create_model(name, pattern=pattern, input_shape=(frames, 256, 1))
    assert model.output_shape == (None, 10)
    expected = _closed_form(operator, pattern, (frames, 256, 1), 10)
    assert figures(model) == expected
    assert expected[0] == parameters
    assert f"{expected[1] / 1e6:.{len(millions.partition('.')[2])}f}" == millions


@pytest.mark.parametrize("name", ["dssdn_large", "dssdn_middle", "dssdn_small"])
def test_dssdn_defaults_are_one_second_and_a_split_in_the_first_block(name):
    model = create_model(name)
    assert model.input_shape == (None, 44, 256, 1) and model.output_shape == (None, 10)
    blocks = [model.get_layer(f"block{index}") for index in range(1, 6)]
    assert "".join("S" if block.split else "F" for block in blocks) == SFFFF
    assert tuple(block.filters for block in blocks) == WIDTHS


def test_paper_scale_fits_the_papers_totals(figures):
    model = create_model("dssdn_paper_scale")
    assert model.input_shape == (None, 431, 256, 1) and model.output_shape == (None, 10)
    parameters, macs = figures(model)
    assert (parameters, macs) == _closed_form("sc", FFFFF, (431, 256, 1), 10, same=True)
    assert parameters == 113_917 and f"{macs / 1e6:.1f}" == "620.6"
    assert f"{parameters / 1e6:.2f}" == "0.11" and macs < 0.66e9
