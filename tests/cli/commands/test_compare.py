import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dssd_tf.evaluation.predictions import prediction_table, write_predictions

CLASSES = ["bus", "metro", "tram"]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Path]:
    """Make a run's folder: recipe and predictions of clips of a number of recordings."""

    def make(name: str, skill: float, *, seed: int = 0, recordings: int = 24) -> Path:
        number = np.arange(4 * recordings)
        truth = number % recordings % 3
        clips = pd.DataFrame(
            {
                "filename": [f"audio/{n}.wav" for n in number],
                "scene_label": [CLASSES[t] for t in truth],
                "recording": [f"{CLASSES[t]}-lyon-{n % recordings}" for n, t in enumerate(truth)],
                "device": [("a", "s1")[n % 2] for n in number],
            }
        )
        random = np.random.default_rng(seed)
        tables = []
        for system in ("float", "int8"):
            logits = random.normal(size=(len(number), 3)) + skill * np.eye(3)[truth]
            tables.append(prediction_table(clips, system, logits, CLASSES))
        folder = tmp_path / name
        folder.mkdir()
        (folder / "recipe.yaml").write_text("name: test\n")
        write_predictions(folder / "predictions.csv", tables)
        return folder

    return make


def test_the_tables(dssd: Callable, run: Callable) -> None:
    a, b = run("a", 0.0), run("b", 4.0, seed=1)
    result = dssd("compare", a, b, "--resamples", 999)
    assert result.code == 0 and result.err == ""
    lines = result.out.splitlines()
    assert lines[:3] == [f"A: {a} (int8)", f"B: {b} (int8)", "96 clips of 24 recordings"]
    assert "difference excludes 0; p = 0.001 (999 random swaps of whole recordings)." in result.out
    for word in ("macro accuracy", "log loss", *CLASSES, "a", "s1"):
        assert re.search(rf"^{word} .*[+-]\d\.\d\d\d", result.out, flags=re.MULTILINE), word
    counted = re.search(
        r"both recognise (\d+), only A (\d+), only B (\d+), neither (\d+)\.", result.out
    )
    assert counted and sum(map(int, counted.groups())) == 96


def test_as_json(dssd: Callable, run: Callable) -> None:
    a = run("a", 1.0)
    command = ("compare", a, a, "--system", "float,int8", "--resamples", 99, "--seed", 5, "--json")
    found = json.loads(dssd(*command).out)
    assert (found["a"]["system"], found["b"]["system"]) == ("float", "int8")
    assert (found["resamples"], found["seed"], found["samples"]) == (99, 5, 96)
    accuracy = found["macro_accuracy"]
    assert accuracy["difference"] == pytest.approx(accuracy["b"] - accuracy["a"])
    assert accuracy["interval"][0] <= accuracy["difference"] <= accuracy["interval"][1]
    assert json.loads(dssd(*command).out) == found


def test_a_run_and_itself(dssd: Callable, run: Callable) -> None:
    a = run("a", 1.0)
    result = dssd("compare", a, a, "--resamples", 99)
    assert result.code == 0
    assert "On no recording do the systems differ in accuracy; p = 1." in result.out
    assert "[+0.000, +0.000]" in result.out


def test_few_recordings_are_swapped_in_every_way(dssd: Callable, run: Callable) -> None:
    result = dssd("compare", run("a", 1.0, recordings=6), run("b", 1.0, seed=4, recordings=6))
    found = re.search(r"exact: all (\d+) swaps of the recordings that differ", result.out)
    assert found and int(found[1]) in {2**n for n in range(1, 7)}


def test_one_recording_gives_neither_interval_nor_test(dssd: Callable, run: Callable) -> None:
    result = dssd("compare", run("a", 0.0, recordings=1), run("b", 3.0, recordings=1))
    assert result.code == 0
    assert "no interval, no test" in result.out
    assert "p =" not in result.out and "[" not in result.out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "recipe.yaml").unlink(), "is not a run's folder"),
        (lambda folder: (folder / "predictions.csv").unlink(), "has not been made yet"),
        (lambda folder: None, "lacks audio/36.wav (and 59 more)"),
    ],
    ids=["no run", "not evaluated", "other clips"],
)
def test_what_cannot_be_compared_is_one_line(
    dssd: Callable, run: Callable, change: Callable[[Path], object], message: str
) -> None:
    a, b = run("a", 1.0), run("b", 1.0, recordings=9)
    change(b)
    result = dssd("compare", a, b)
    assert result.code == 2 and result.out == ""
    assert message in result.line and str(b) in result.line


def test_a_system_that_a_run_lacks_is_one_line(dssd: Callable, run: Callable) -> None:
    a = run("a", 1.0)
    assert "has no system 'float16'" in dssd("compare", a, a, "--system", "float16").line


@pytest.mark.parametrize(
    "options",
    [
        ["--system", "int4"],
        ["--system", "float,int8,int8"],
        ["--system", ""],
        ["--resamples", "98"],
        ["--resamples", "many"],
        ["--seed", "-1"],
    ],
)
def test_wrong_options(dssd: Callable, tmp_path: Path, options: list[str]) -> None:
    result = dssd("compare", tmp_path, tmp_path, *options)
    assert result.code == 2
    assert f"argument {options[0]}" in result.err
