import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

FEW = ("budget", "--model", "dssdn_small", "--edition", 2024, "--pattern", "SFFFF")


def _cells(out: str) -> list[list[str]]:
    """The table, which ends at the first empty line."""
    table, _, _ = out.partition("\n\n")
    return [re.split(r" {2,}", line) for line in table.splitlines()]


def test_the_table_shows_what_fits_the_fullest_first(dssd: Callable) -> None:
    result = dssd(*FEW, "--most", 4)
    assert (result.code, result.err) == (0, "")
    heading, *rows = _cells(result.out)
    assert heading == ["pattern", "widths", "parameters", "bytes", "MACs", "size %", "macs %"]
    assert len(rows) == 4
    for pattern, widths, parameters, size, macs, *percents in rows:
        assert pattern == "SFFFF"
        assert len(widths.split(",")) == 5
        assert size == f"~{parameters}"
        assert int(parameters.replace(",", "")) <= 128_000
        assert int(macs.replace(",", "")) <= 30_000_000
        assert percents[0].startswith("~") and not percents[1].startswith("~")
        assert all(0 < float(percent.lstrip("~")) <= 100 for percent in percents)
    fullest = [max(float(percent.lstrip("~")) for percent in row[-2:]) for row in rows]
    assert fullest == sorted(fullest, reverse=True)


def test_the_notes_say_what_was_counted_how(dssd: Callable) -> None:
    _, _, notes = dssd(*FEW, "--most", 1).out.partition("\n\n")
    assert "of 15,504 networks fit the 2024 limits" in notes
    assert "(44, 256, 1) with 10 classes; 1 are listed" in notes
    assert "every parameter at one byte" in notes
    assert "float model, exact" in notes
    assert "size 128,000 bytes, macs 30,000,000 macs" in notes
    assert "dssd complexity" in notes


def test_multiply_adds_of_an_int8_file_are_marked_as_estimates(dssd: Callable) -> None:
    out = dssd("budget", "--model", "dsmn", "--edition", 2022, "--pattern", "SSSSS").out
    heading, row, *_ = _cells(out)
    assert row[heading.index("MACs")].startswith("~")
    assert row[heading.index("macs %")].startswith("~")
    assert "the edition counts the int8 file; estimated" in out


def test_a_family_has_a_column_of_its_networks(dssd: Callable) -> None:
    out = dssd(
        *("budget", "--model", "dssdn", "--edition", 2024, "--pattern", "SF", "--widths", "8,16")
    ).out
    heading, *rows = _cells(out)
    assert heading[:2] == ["model", "pattern"]
    assert {row[0] for row in rows} == {"dssdn_large", "dssdn_middle", "dssdn_small"}


def test_input_classes_and_widths_are_the_users(dssd: Callable) -> None:
    result = dssd(
        *("budget", "--model", "dssdn_small", "--edition", 2024, "--widths", "8,16"),
        *("--input", "51,40,3", "--classes", 7, "--json"),
    )
    found = json.loads(result.out)
    assert (found["input_shape"], found["classes"]) == ([51, 40, 3], 7)
    assert {width for row in found["rows"] for width in row["widths"]} <= {8, 16}
    assert len(found["skipped"]) == 16
    assert any("SSSSS" in note for note in found["notes"])


def test_json_and_csv_hold_the_same_rows(dssd: Callable) -> None:
    found = json.loads(dssd(*FEW, "--most", 3, "--json").out)
    rows = list(csv.DictReader(io.StringIO(dssd(*FEW, "--most", 3, "--csv").out)))
    assert len(rows) == len(found["rows"]) == 3
    for row, other in zip(rows, found["rows"], strict=True):
        assert [int(width) for width in row["widths"].split(",")] == other["widths"]
        for name in ("parameters", "int8_bytes", "macs", "macs_torchinfo"):
            assert int(row[name]) == other[name]
        for use in other["uses"]:
            assert float(row[f"{use['name']}_percent"]) == use["percent"]


def test_room_keeps_estimates_below_their_limit(dssd: Callable) -> None:
    found = json.loads(dssd(*FEW, "--room", 25, "--json").out)
    sizes = [row["uses"][0]["percent"] for row in found["rows"]]
    assert sizes and max(sizes) <= 75
    plain = json.loads(dssd(*FEW, "--json").out)
    assert max(row["uses"][0]["percent"] for row in plain["rows"]) > 75


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--model", "dssdn_smal"), "did you mean 'dssdn_small'"),
        (("--edition", "1999"), "unknown edition 1999"),
        (("--pattern", "SFXFF"), "'SFXFF'"),
        (("--widths", "16,-8"), "width -8"),
        (("--input", "4,256,1"), "too small"),
        (("--classes", "0"), "classes has size 0"),
        (("--most", "0"), "0 rows"),
        (("--room", "100"), "100 % of the limits"),
    ],
)
def test_bad_input_gives_one_line_and_exit_code_2(
    dssd: Callable, change: tuple[str, str], words: str
) -> None:
    result = dssd(*FEW, *change)
    assert (result.code, result.out) == (2, "")
    assert words in result.line


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--widths", "16,many"), "'16,many' is not of the form"),
        (("--widths", "16,,32"), "'16,,32' is not of the form"),
        (("--input", "44,256"), "time,frequency,channels"),
        (("--most", "few"), "'few'"),
    ],
)
def test_an_option_that_cannot_be_read_is_named_behind_the_usage(
    dssd: Callable, change: tuple[str, str], words: str
) -> None:
    result = dssd(*FEW, *change)
    assert (result.code, result.out) == (2, "")
    last = result.err.splitlines()[-1]
    assert last.startswith(f"dssd budget: error: argument {change[0]}: ") and words in last


def test_nothing_that_fits_gives_one_line_and_exit_code_3(dssd: Callable) -> None:
    result = dssd(*FEW, "--widths", "256,512")
    assert (result.code, result.out) == (3, "")
    assert "dssdn_small SFFFF 256,256,256,256,256" in result.line
    assert "% of size" in result.line


def test_tensorflow_and_keras_stay_unloaded() -> None:
    code = (
        "import sys; from dssd_tf.cli import main; "
        "code = main(['budget', '--model', 'dsmn_s', '--edition', '2024', '--most', '1']); "
        "print(code, 'tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 False False"
