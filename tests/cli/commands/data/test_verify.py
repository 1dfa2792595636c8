import json
from collections.abc import Callable
from pathlib import Path

import pytest

DEVICES = ("a", "b", "c", "s1", "s2", "s3", "s4", "s5", "s6")


def test_a_clean_set(dssd: Callable, synthetic_set: Path) -> None:
    result = dssd("data", "verify", synthetic_set)
    assert result.code == 0
    assert f"{synthetic_set}: 40 clips, no known set: no faults" in result.err
    lines = result.out.splitlines()
    assert lines[0].split() == ["list", "scene", *DEVICES, "total"]
    assert lines[1].split()[:2] == ["meta", "airport"]
    assert "recordings: checked for 44100 Hz, 24 bits, 1 channel, 1 s" in lines
    assert "note: not a known dataset: counts and devices were not checked" in lines


def test_faults_are_told_one_a_line(dssd: Callable, copied_set: Path) -> None:
    gone = sorted((copied_set / "audio").iterdir())[0]
    gone.unlink()
    result = dssd("data", "verify", copied_set)
    assert result.code == 1
    rows = (copied_set / "meta.csv").read_text().splitlines()
    row = next(number for number, text in enumerate(rows, 1) if gone.name in text)
    line = f"meta.csv:{row}: missing: audio/{gone.name} is listed, but"
    assert [text for text in result.out.splitlines() if text.startswith(line)]
    assert ": 1 fault\n" in result.err


def test_json_alone_is_on_standard_output(dssd: Callable, copied_set: Path) -> None:
    for path in list((copied_set / "audio").iterdir())[:5]:
        path.unlink()
    result = dssd("data", "verify", copied_set, "--json", "--limit", "2", "--no-audio")
    assert result.code == 1
    values = json.loads(result.out)
    assert values["total_faults"] == 5
    assert [fault["check"] for fault in values["faults"]] == ["missing"] * 3
    assert values["faults"][-1]["message"] == "3 more of the same kind"
    assert values["counts"]["fold1_train"]["total"] == {"a": 20, "total": 20}
    assert values["remarks"][-1] == "recordings were not read"
    everything = json.loads(dssd("data", "verify", copied_set, "--json", "--limit", "0").out)
    assert len(everything["faults"]) == 5


def test_a_named_set(dssd: Callable, synthetic_set: Path) -> None:
    result = dssd("data", "verify", synthetic_set, "--dataset", "tau2022", "--no-audio")
    assert result.code == 1
    assert "meta.csv: count: 40 clips, expected 230350 in tau2022" in result.out


def test_reading_to_the_end(dssd: Callable, copied_set: Path) -> None:
    result = dssd("data", "verify", copied_set, "--read", "--workers", "1")
    assert result.code == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nowhere"], "nowhere: no such data folder"),
        ([".", "--dataset", "tau"], "unknown dataset 'tau'"),
    ],
)
def test_errors(
    dssd: Callable,
    copied_set: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    problem: str,
) -> None:
    monkeypatch.chdir(copied_set)
    result = dssd("data", "verify", *arguments)
    assert result.code == 2
    assert problem in result.line
    assert result.out == ""


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_a_number_of_workers_that_is_none(dssd: Callable, tmp_path: Path, count: str) -> None:
    result = dssd("data", "verify", tmp_path, "--workers", count)
    assert result.code == 2
    assert "is not a whole number of 1 or more" in result.err
