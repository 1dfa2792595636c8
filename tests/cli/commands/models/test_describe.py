import json
from collections.abc import Callable

import pytest

SMALL = ("--set", "pattern=SF", "--set", "widths=[8, 8]", "--set", "input_shape=[16, 32, 1]")


def test_a_known_network_in_full(dssd: Callable) -> None:
    result = dssd("models", "describe", "dsmn_s")
    assert result.code == 0
    assert result.out.startswith("dsmn_s: DSMN with the split")
    text = " ".join(result.out.split())
    assert "source Wang, Wu & Li" in text
    assert "tag exact" in text
    assert "input (44, 256, 2) (time, frequency, channels)" in text
    assert "output (13,)" in text
    assert "pattern SSSSS registered" in text
    assert "dropout 0.3 default" in text
    (total,) = [line for line in result.out.splitlines() if line.startswith("total")]
    assert total.split() == ["total", "45,164", "100.0", "8,675,776", "100.0", "8,645,641", "100.0"]
    assert "2024 macs: 8,645,641 within 30,000,000 macs, 71.2 % left (torchinfo)" in result.out
    assert "2024 size: ~45,164 of 128,000 bytes, ~64.7 % left (estimate" in result.out
    assert "2022 macs: not judged here, limit 30,000,000 macs" in result.out


def test_every_layer_has_a_line(dssd: Callable) -> None:
    shown = dssd("models", "describe", "dsmn_s", *SMALL).out.splitlines()
    listed = json.loads(dssd("models", "describe", "dsmn_s", *SMALL, "--json").out)["layers"]
    assert len(listed) > 20
    for layer in listed:
        (line,) = [text for text in shown if text.split()[:2] == [layer["name"], layer["type"]]]
        assert str(tuple(layer["output_shape"])) in line
        assert line.split()[-6] == f"{layer['parameters']:,}"
        assert line.split()[-2] == f"{layer['macs_torchinfo']:,}"


def test_arguments_are_overridden_as_yaml(dssd: Callable) -> None:
    options = (*SMALL, "--set", "dropout=1e-1", "--set", "classes=7", "--set", "classes=4")
    network = json.loads(dssd("models", "describe", "dsmn_s", *options, "--json").out)
    assert network["input_shape"] == [16, 32, 1]
    assert network["output_shape"] == [4]
    assert network["arguments"]["dropout"] == {"value": 0.1, "origin": "given"}
    assert network["arguments"]["widths"] == {"value": [8, 8], "origin": "given"}
    assert network["complexity"]["parameters"] < 45_164


def test_a_nested_argument(dssd: Callable) -> None:
    result = dssd("models", "describe", "cp_mobile", "--set", "strides.2=[2, 1]", "--json")
    arguments = json.loads(result.out)["arguments"]
    assert arguments["strides"] == {"value": {"2": [2, 1]}, "origin": "given"}


def test_over_a_limit_is_said_but_no_error(dssd: Callable) -> None:
    result = dssd("models", "describe", "dsmn_s", *SMALL, "--set", "classes=2000")
    assert result.code == 0
    assert "2024 size: ~" in result.out
    assert "OVER 128,000 bytes, ~-" in result.out


def test_what_macs_leave_out_is_named(dssd: Callable) -> None:
    text = " ".join(dssd("models", "describe", "cp_mobile").out.split())
    assert "MACs leave out what has no rule: block1_response_norm" in text


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("dsmn_q",), "unknown model 'dsmn_q' — did you mean"),
        (("dsmn_s", "--set", "clases=3"), "unexpected keyword argument 'clases'"),
        (("dsmn_s", "--set", "classes"), "not of the form"),
        (("dsmn_s", "--set", "classes=[1"), "not valid YAML"),
        (("dsmn_s", "--set", "weights=none.h5"), "none.h5"),
        (("cp_mobile", "--set", "strides=wide"), "cannot be built"),
        (("dsmn_s", "--set", "input_shape=[null, 256, 2]"), "leaves axes open"),
    ],
)
def test_what_cannot_be_described_is_one_line(
    dssd: Callable, arguments: tuple[str, ...], reason: str
) -> None:
    result = dssd("models", "describe", *arguments)
    assert result.code == 2
    assert reason in result.line
    assert result.out == ""
