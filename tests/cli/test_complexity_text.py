import keras
import pytest
from keras import layers

from dssd_tf.cli.complexity_text import markdown_page, print_checks, print_systems
from dssd_tf.complexity import Complexity, measure

CHECK = {
    "name": "macs",
    "measured": 31_000_000,
    "limit": 30_000_000,
    "unit": "macs",
    "counter": "torchinfo",
    "headroom_percent": -3.3333,
    "passed": False,
}


@pytest.fixture(scope="module")
def found() -> Complexity:
    inputs = keras.Input((30, 40, 2))
    x = layers.BatchNormalization()(layers.Conv2D(4, 3, use_bias=False, name="first")(inputs))
    x = layers.LSTM(2, name="odd")(layers.Reshape((28, 152))(x))
    return measure(keras.Model(inputs, x, name="net"))


def test_totals_tables_and_what_is_uncounted(
    found: Complexity, capsys: pytest.CaptureFixture[str]
) -> None:
    print_systems({"float": found}, layers=False)
    out = capsys.readouterr().out
    assert out.startswith("float (float32): net\n")
    assert f"{found.macs_torchinfo:,}" in out and f"{found.macs_torchinfo_folded:,}" in out
    assert "Conv2D" in out and "uncounted: odd" in out
    assert "NeSsi" not in out  # a rule for .tflite files
    print_systems({"float": found}, layers=True)
    assert "first" in capsys.readouterr().out


def test_a_limit_that_is_exceeded_stands_out(capsys: pytest.CaptureFixture[str]) -> None:
    print_checks(2024, [CHECK, {**CHECK, "measured": 3, "headroom_percent": 99.99, "passed": True}])
    over, within = capsys.readouterr().out.splitlines()
    assert over == "2024 macs: 31,000,000 OVER 30,000,000 macs (torchinfo), -3.3 % left"
    assert "3 within 30,000,000" in within


def test_a_limit_of_zero_leaves_nothing(
    found: Complexity, capsys: pytest.CaptureFixture[str]
) -> None:
    zero = {**CHECK, "name": "weights", "measured": 0, "limit": 0, "counter": "constants by dtype"}
    zero |= {"unit": "other dtypes", "headroom_percent": 0.0, "passed": True}
    print_checks(2022, [zero])
    assert capsys.readouterr().out == "2022 weights: all int8 (constants by dtype)\n"
    page = markdown_page({"float": found}, {"edition": 2022, "checks": [zero]})
    assert "| weights | 0 | 0 | other dtypes | constants by dtype |  | yes |" in page


def test_markdown_has_totals_tables_and_limits(found: Complexity) -> None:
    page = markdown_page({"float": found}, {"edition": 2024, "checks": [CHECK]})
    assert "## net, float" in page and "Uncounted: odd" in page
    assert "| macs | 31,000,000 | 30,000,000 | macs | torchinfo | -3.3 | no |" in page
    assert "Limits" not in markdown_page({"float": found}, {"edition": None, "checks": []})
