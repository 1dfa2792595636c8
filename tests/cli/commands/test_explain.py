"""`dssd explain`."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "noise.wav"
    soundfile.write(path, np.random.default_rng(0).normal(scale=0.05, size=44100), 44100)
    return path


def test_a_picture_and_the_effects_of_the_halves(
    dssd: Callable, finished_run: Path, recording: Path, tmp_path: Path
) -> None:
    out = tmp_path / "why.png"
    result = dssd("explain", finished_run, recording, "--output", out, "--patches", "2x4")
    assert result.code == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    lines = [line.split("\t") for line in result.out.splitlines()]
    assert [[line[0], line[2]] for line in lines[1:]] == [
        [half, "loss of log-probability if blank"] for half in ("low half", "high half")
    ]
    assert all(float(line[1]) for line in lines[1:])
    predicted = dssd("predict", finished_run, recording).out.split("\t")
    assert lines[0] == [predicted[1], predicted[2].strip(), "probability"]


def test_as_json_for_another_class(
    dssd: Callable,
    finished_run: Path,
    recording: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = dssd("explain", finished_run, recording, "--class", "tram", "--json", "--float")
    found = json.loads(result.out)
    assert found["class"] == "tram"
    assert np.shape(found["effects"]) == (8, 8)
    assert sum(found["probabilities"].values()) == pytest.approx(1)
    assert (tmp_path / "noise_explained.png").is_file()


@pytest.mark.parametrize(
    ("given", "reason"),
    [(["--class", "library"], "knows no class 'library'"), (["--at", "3"], "no clip of 1 s")],
)
def test_what_cannot_be_explained_leaves_no_picture(
    dssd: Callable,
    finished_run: Path,
    recording: Path,
    tmp_path: Path,
    given: list[str],
    reason: str,
) -> None:
    out = tmp_path / "why.png"
    result = dssd("explain", finished_run, recording, "--output", out, *given)
    assert result.code == 2
    assert reason in result.line
    assert not out.exists()


def test_one_that_is_kept_is_in_the_report(
    dssd: Callable,
    finished_run: Path,
    recording: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    run = shutil.copytree(finished_run, tmp_path / "run")
    result = dssd("explain", run, recording, "--patches", "2x2", "--keep")
    assert result.code == 0
    assert not (tmp_path / "noise_explained.png").exists()
    assert f"to see it: dssd report {run}" in result.err
    (clip,) = json.loads((run / "explanations" / "explanations.json").read_text())["clips"]
    assert clip["system"] == "int8"
    assert dssd("report", run).code == 0
    assert "noise.wav</strong>" in (run / "report.html").read_text()


def test_only_a_run_can_keep_one(
    dssd: Callable, finished_run: Path, recording: Path, tmp_path: Path
) -> None:
    result = dssd("explain", finished_run / "model.keras", recording, "--keep")
    assert result.code == 2
    assert "is not a run's folder" in result.line


def test_patches_of_another_form(dssd: Callable, finished_run: Path, recording: Path) -> None:
    result = dssd("explain", finished_run, recording, "--patches", "8")
    assert result.code == 2
    assert "'8' is not of the form TxF, e.g. 8x8" in result.err
