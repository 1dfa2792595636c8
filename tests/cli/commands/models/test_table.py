import csv
import io
import json
import re
import sys
from collections.abc import Callable

import pytest

from dssd_tf.models import registry

YEARS = re.compile(r"20\d\d ")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A registry of two networks, since building all of them takes a while."""
    names = ["baseline_2022", "dsmn_s"]
    entries = {name: registry.model_config(name) for name in names}
    monkeypatch.setattr(registry, "_ENTRIES", entries)
    return names


def _rows(out: str) -> dict[str, list[str]]:
    """The cells of each row of the table, which ends at the first empty line."""
    table, _, _ = out.partition("\n\n")
    return {line.split()[0]: re.split(r" {2,}", line) for line in table.splitlines()}


def test_without_an_action_every_network_is_listed(dssd: Callable, few: list[str]) -> None:
    result = dssd("models")
    assert result.code == 0
    rows = _rows(result.out)
    assert list(rows) == ["name", *few]
    assert rows["name"][:5] == ["name", "input", "parameters", "MACs", "bytes"]
    assert rows["dsmn_s"][:5] == ["dsmn_s", "(44, 256, 2)", "45,164", "8,645,641", "~45,164"]
    assert rows["dsmn_s"][-1] == registry.model_config("dsmn_s").summary
    left = dict(zip(rows["name"], rows["dsmn_s"], strict=True))
    assert left["2024, 2025 macs"] == "71.2"
    assert "2022 macs" not in left
    assert result.err == ""


def test_the_notes_say_how_it_was_counted_and_what_was_not_judged(
    dssd: Callable, few: list[str]
) -> None:
    _, _, notes = dssd("models").out.partition("\n\n")
    assert "torchinfo rule" in notes
    assert "every parameter at one byte" in notes
    assert "2022 macs (30,000,000 macs by nessi_tflite): not judged here" in notes
    assert "dssd complexity" in notes


@pytest.mark.slow
def test_list_does_the_same_for_a_pattern(dssd: Callable, few: list[str]) -> None:
    assert dssd("models", "list").out == dssd("models").out
    assert list(_rows(dssd("models", "list", "dsmn*").out)) == ["name", "dsmn_s"]


@pytest.mark.slow
def test_eighty_columns_keep_every_figure(
    dssd: Callable, few: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = dssd("models", "list", "dsmn*").out
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    out = re.sub(r"\x1b\[[0-9;]*m", "", dssd("models", "list", "dsmn*").out)
    table, _, _ = out.partition("\nMACs: ")
    assert max(map(len, table.splitlines())) <= 80
    for cell in _rows(wide)["dsmn_s"]:
        assert set(cell.split()) <= set(table.split()), cell
    assert set(YEARS.findall(table)) == set(YEARS.findall(wide.partition("\n\n")[0]))


def test_another_input_and_a_network_that_cannot_take_it(dssd: Callable, few: list[str]) -> None:
    result = dssd("models", "list", "--input", "102,41,1")
    assert result.code == 0
    rows = _rows(result.out)
    assert rows["baseline_2022"][1] == "(102, 41, 1)"
    assert int(rows["baseline_2022"][2].replace(",", "")) > 46_118
    assert set(rows["dsmn_s"][2:-1]) == {"-"}
    assert "frequency axis must have an even" in rows["dsmn_s"][-1]


def test_when_no_network_can_take_it_there_is_still_a_table(dssd: Callable, few: list[str]) -> None:
    result = dssd("models", "list", "--input", "1,1,1")
    assert result.code == 0
    assert list(_rows(result.out)) == ["name", *few]
    assert "torchinfo" in result.out


def test_json_holds_every_limit(dssd: Callable, few: list[str]) -> None:
    result = dssd("models", "list", "d*", "--json", "--input", "32,64,1")
    (network,) = json.loads(result.out)["networks"]
    assert network["name"] == "dsmn_s"
    assert network["input_shape"] == [32, 64, 1]
    limits = {(row["edition"], row["name"]): row for row in network["headroom"]}
    assert limits[2022, "macs"]["basis"] == "not judged"
    assert limits[2022, "macs"]["measured"] is None
    assert limits[2024, "macs"]["measured"] == network["macs_torchinfo"]
    assert limits[2024, "size"]["measured"] == network["int8_bytes"] == network["parameters"]
    assert any("torchinfo" in note for note in json.loads(result.out)["notes"])


def test_csv_is_nothing_but_the_table(dssd: Callable, few: list[str]) -> None:
    result = dssd("models", "list", "--csv", "--input", "102,41,1")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(result.out))}
    assert list(rows) == few
    assert rows["baseline_2022"]["time"] == "102"
    assert float(rows["baseline_2022"]["headroom_2024_macs_percent"]) < 50
    assert rows["baseline_2022"]["error"] == ""
    assert rows["dsmn_s"]["parameters"] == ""
    assert "even" in rows["dsmn_s"]["error"]


def test_a_pattern_without_a_match_offers_the_nearest(dssd: Callable) -> None:
    result = dssd("models", "list", "dsnm_s*")
    assert result.code == 2
    assert "no network matches 'dsnm_s*', did you mean 'dsmn_s'?" in result.line
    assert result.out == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("44,256", "not of the form"),
        ("44x256x1", "not of the form"),
        ("44,256,one", "not of the form"),
        ("44,0,1", "below 1"),
        ("1000000,1000000,1", "at most"),
    ],
)
def test_an_input_that_is_no_shape(dssd: Callable, text: str, reason: str) -> None:
    result = dssd("models", "list", "--input", text)
    assert result.code == 2
    assert f"argument --input: {text!r}" in result.err
    assert reason in result.err


def test_one_form_at_a_time(dssd: Callable) -> None:
    result = dssd("models", "list", "--json", "--csv")
    assert result.code == 2
    assert "not allowed with" in result.err


@pytest.mark.parametrize("action", ["list", "describe", "import-dsmn", "save-preset"])
def test_the_actions_are_offered(dssd: Callable, action: str) -> None:
    assert re.search(rf"^    {action}\s", dssd("models", "--help").out, flags=re.MULTILINE)
    assert dssd("models", action, "--help").out.startswith(f"usage: dssd models {action}")
