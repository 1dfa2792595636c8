import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest


def test_a_run_s_model_as_text(dssd: Callable, finished_run: Path) -> None:
    result = dssd("benchmark", finished_run, "--runs", 5)
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0] == str(finished_run / "model_int8.tflite")
    assert re.search(r" CPUs, \d{4}-\d\d-\d\d, ai-edge-litert \S+, 1 thread\(s\)$", lines[1])
    values = dict(re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in lines[2:-1])
    for title in ("latency, XNNPACK", "latency, without XNNPACK"):
        assert re.match(r"\d+\.\d{3} ms, median of 5 runs \(quartiles .* minimum", values[title])
    assert re.match(r"\d+ \(\d+ operators, outside: ", values["XNNPACK partitions"])
    assert re.match(r"[\d,]+ bytes, of 1×\d+×", values["peak activations"])
    assert re.match(r"[\d,]+ bytes \(|not measured: ", values["arena"])
    assert "a microcontroller's is another" in lines[-1]


def test_a_file_as_json(dssd: Callable, finished_run: Path) -> None:
    path = finished_run / "model_int8.tflite"
    result = dssd("benchmark", path, "--json", "--runs", 3, "--threads", 2)
    assert result.code == 0
    values = json.loads(result.out)
    assert values["model"] == str(path)
    assert values["threads"] == 2
    assert values["latency_seconds"]["builtin"]["runs"] == 3


@pytest.mark.parametrize("option", ["--threads", "--runs"])
@pytest.mark.parametrize("value", ["0", "-1", "two"])
def test_senseless_numbers_are_refused(
    dssd: Callable, finished_run: Path, option: str, value: str
) -> None:
    result = dssd("benchmark", finished_run, f"{option}={value}")
    assert result.code == 2
    assert f"argument {option}: '{value}' is not a whole number" in result.err


def test_what_is_no_model_is_one_line(dssd: Callable, finished_run: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.tflite").write_bytes(b"nothing")
    for target, problem in {
        tmp_path: "is neither a .tflite file nor a run's folder",
        tmp_path / "none.tflite": "no such model file",
        tmp_path / "bad.tflite": "is not a TFLite model",
        finished_run / "model.keras": "is no .tflite file",
    }.items():
        result = dssd("benchmark", target)
        assert result.code == 2
        assert f"{target}: {problem}" in result.line
        assert result.out == ""
