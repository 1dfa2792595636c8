import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import keras
import pytest


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A small and a large model, and one with a layer that has no rule."""
    folder = tmp_path_factory.mktemp("models")
    for name, units in (("small", 10), ("large", 1000)):
        inputs = keras.Input((8, 8, 1))
        x = keras.layers.Dense(units)(keras.layers.Flatten()(inputs))
        keras.Model(inputs, x, name=name).save(folder / f"{name}.keras")
    inputs = keras.Input((8, 4))
    keras.Model(inputs, keras.layers.LSTM(3)(inputs)).save(folder / "recurrent.keras")
    return {path.stem: str(path) for path in folder.iterdir()}


def test_an_ensemble_is_judged_by_its_sum(dssd: Callable, files: dict[str, str]) -> None:
    alone = dssd("complexity", files["small"], "--edition", "2024")
    assert alone.code == 0 and "2024 size: 2,600 within 128,000 bytes" in alone.out
    both = dssd("complexity", files["small"], files["large"], "--edition", "2024")
    assert both.code == 3 and "2024 size: 262,600 OVER 128,000 bytes" in both.out


def test_each_is_judged_alone_on_request(dssd: Callable, files: dict[str, str]) -> None:
    result = dssd(
        *("complexity", files["small"], files["large"]), "--edition", "2024", "--each", "--json"
    )
    assert result.code == 3
    assert [entry["passed"] for entry in json.loads(result.out)] == [True, False]


def test_report_only_tells_and_passes(dssd: Callable, files: dict[str, str]) -> None:
    result = dssd("complexity", files["large"], "--edition", "2024", "--report-only")
    assert result.code == 0 and "OVER" in result.out


def test_layers_as_text_csv_and_markdown(dssd: Callable, files: dict[str, str]) -> None:
    shown = dssd("complexity", files["small"], "--layers").out
    assert "activation_bytes" in shown and "flatten" in shown
    rows = list(csv.DictReader(io.StringIO(dssd("complexity", files["small"], "--csv").out)))
    assert [row["type"] for row in rows][-1] == "Dense" and rows[-1]["macs"] == "640"
    page = dssd("complexity", files["small"], "--markdown", "--edition", "2024").out
    assert "## Limits of 2024" in page and "| parameters | 650 |" in page


def test_the_checks_go_to_a_junit_file(
    dssd: Callable, files: dict[str, str], tmp_path: Path
) -> None:
    target = tmp_path / "checks.xml"
    command = ("complexity", files["large"], "--junit", target)
    assert dssd(*command, "--edition", "2024").code == 3
    assert ElementTree.parse(target).getroot()[0].get("failures") == "1"
    result = dssd(*command)
    assert result.code == 2 and "--edition" in result.line


def test_what_is_uncounted_is_named_and_fails_when_strict(
    dssd: Callable, files: dict[str, str]
) -> None:
    result = dssd("complexity", files["recurrent"])
    assert result.code == 0 and "uncounted: lstm" in result.out
    result = dssd("complexity", files["recurrent"], "--strict")
    assert result.code == 3 and "uncounted: lstm" in result.line
    assert dssd("complexity", files["small"], "--strict").code == 0


def test_an_input_shape_is_three_numbers(dssd: Callable) -> None:
    result = dssd("complexity", "dsmn_s", "--input", "44,256")
    assert result.code == 2 and "time,frequency,channels" in result.err


@pytest.mark.parametrize("content", [b"", b"TFL3", b"not a flatbuffer at all, but text" * 9])
def test_a_corrupt_tflite_file_is_one_line(dssd: Callable, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.tflite").write_bytes(content)
    result = dssd("complexity", tmp_path / "broken.tflite")
    assert result.code == 2 and "broken.tflite" in result.line


def test_each_edition_judges_by_its_own_rule(dssd: Callable, files: dict[str, str]) -> None:
    def told(year: int) -> str:
        return str(dssd("complexity", files["large"], "--edition", year, "--report-only").out)

    assert "2021 size: 256,000 OVER" in told(2021)  # fresh biases are zero, and do not count
    assert "2021 macs" not in told(2021)
    assert "2025 size: 260,000 OVER" in told(2025) and "2025 macs: 65,000 within" in told(2025)
    result = dssd("complexity", files["large"], "--edition", "2023")
    assert result.code == 2 and "give a .tflite file" in result.line


def test_2025_judges_the_models_of_several_devices_alone(
    dssd: Callable, files: dict[str, str]
) -> None:
    result = dssd("complexity", files["small"], files["small"], "--edition", "2025")
    assert result.code == 0
    assert result.out.count("2025 size: 2,600 within 128,000") == 2
