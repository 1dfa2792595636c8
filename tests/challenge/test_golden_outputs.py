"""Output files of golden packages with one thing wrong: one fault each.

The faults are in the YAML file beside this one, as they are printed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dssd_tf.challenge import Fault, load_edition

CLASSES = load_edition(2024).classes.value
COLUMNS = ["filename", "scene_label", *CLASSES]
NAMES = "0.wav … 29.wav, once each"
TOLD = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))


def _cell(line: int, column: str, value: str) -> Callable[[bytes], bytes]:
    """Put a value into a column of a line, the header being line 1."""

    def change(data: bytes) -> bytes:
        lines = [row.split("\t") for row in data.decode().split("\n")]
        lines[line - 1][COLUMNS.index(column)] = value
        return "\n".join("\t".join(row) for row in lines).encode()

    return change


def _row(line: int, label: str, *values: str) -> Callable[[bytes], bytes]:
    """Put a label and the probabilities of the first classes into a line; the others are 0."""

    def change(data: bytes) -> bytes:
        rows = data.decode().split("\n")
        cells = [*values, *["0"] * (len(CLASSES) - len(values))]
        rows[line - 1] = "\t".join([rows[line - 1].split("\t")[0], label, *cells])
        return "\n".join(rows).encode()

    return change


def _lines(change: Callable[[list[bytes]], Any]) -> Callable[[bytes], bytes]:
    """Change the list of lines in place."""

    def apply(data: bytes) -> bytes:
        lines = data.split(b"\n")
        change(lines)
        return b"\n".join(lines)

    return apply


def _swap(data: bytes) -> bytes:
    """The columns airport and bus in the other order, with their values."""
    rows = [row.split(b"\t") for row in data.split(b"\n")]
    return b"\n".join(b"\t".join([*r[:2], r[3], r[2], *r[4:]] if r[1:] else r) for r in rows)


def _without_column(data: bytes) -> bytes:
    return b"\n".join(b"\t".join(row.split(b"\t")[:-1]) for row in data.split(b"\n"))


MUTATIONS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "row missing": (2021, _lines(lambda lines: lines.pop(30))),
    "first row missing": (2022, _lines(lambda lines: lines.pop(1))),
    "row doubled": (2022, _lines(lambda lines: lines.insert(9, lines[8]))),
    "leading zero": (2022, _cell(7, "filename", "05.wav")),
    "mp3": (2023, _cell(7, "filename", "5.mp3")),
    "no suffix": (2023, _cell(7, "filename", "5")),
    "folder": (2025, _cell(7, "filename", "audio/5.wav")),
    "CRLF": (2021, lambda data: data.replace(b"\n", b"\r\n")),
    "BOM": (2022, lambda data: b"\xef\xbb\xbf" + data),
    "commas": (2023, lambda data: data.replace(b"\t", b",")),
    "commas below header": (
        2024,
        _lines(lambda lines: lines.__setitem__(7, lines[7].replace(b"\t", b","))),
    ),
    "column reordered": (2025, _swap),
    "column renamed": (2021, lambda data: data.replace(b"\ttram\n", b"\ttrams\n", 1)),
    "column missing": (2022, _without_column),
    "column twice": (2023, lambda data: data.replace(b"\tbus\t", b"\ttram\t", 1)),
    "column more": (2023, lambda data: data.replace(b"\tbus\t", b"\tbus\tbus\t", 1)),
    "header missing": (2024, _lines(lambda lines: lines.pop(0))),
    "NaN": (2025, _cell(5, "bus", "nan")),
    "inf": (2021, _cell(5, "bus", "inf")),
    "empty field": (2022, _cell(5, "bus", "")),
    "comma decimal": (2022, _cell(5, "bus", "0,5")),
    "negative": (2022, _cell(5, "bus", "-0.25")),
    "above one": (2023, _cell(5, "tram", "1.5")),
    "sum 0.9": (2023, _row(6, "airport", "0.5", "0.4")),
    "rounded": (2023, _row(6, "airport", "0.333", "0.333", "0.333")),
    "all zero": (2024, _row(6, "airport", "0")),
    "argmax": (2025, _row(6, "bus", "0.6", "0.4")),
    "unknown label": (2021, _cell(6, "scene_label", "trams")),
    "label empty": (2021, _cell(6, "scene_label", "")),
    "quoted": (2022, lambda data: data.replace(b"\t", b'"\t"').replace(b"\n", b'"\n"')[:-1]),
    "NUL": (2023, lambda data: data.replace(b"\n5.wav", b"\n\x005.wav")),
    "not UTF-8": (2024, lambda data: data.replace(b"\n5.wav", b"\n5\xff.wav")),
    "UTF-16": (2025, lambda data: data.decode().encode("utf-16")),
    "empty": (2021, lambda data: b""),
    "header alone": (2022, _lines(lambda lines: lines.__delitem__(slice(1, None)))),
    "blank line": (2023, _lines(lambda lines: lines.insert(7, b""))),
    "blank end": (2023, lambda data: data + b"\n"),
    "field more": (2024, _lines(lambda lines: lines.__setitem__(7, lines[7] + b"\t0"))),
    "field less": (2024, _lines(lambda lines: lines.__setitem__(7, lines[7].rpartition(b"\t")[0]))),
    "too many lines": (2024, lambda data: data + b"x\n" * 2000),
    "cut short": (2024, lambda data: data[:-20]),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_one_thing_wrong_is_one_fault(
    faults_after: Callable[..., list[Fault]], change_one: Callable[..., Any], name: str
) -> None:
    year, change = MUTATIONS[name]
    ending = ".output.split_25.csv" if year == 2024 else ".output.csv"
    (fault,) = faults_after(year, change_one(ending, change))
    assert fault.file.endswith(ending)
    assert fault.in_full() == fault.file + TOLD[name]


def test_a_wrong_name_is_told_with_the_file_that_lacks(
    faults_after: Callable[..., list[Fault]], change_one: Callable[..., Any]
) -> None:
    for name in ("30.wav", "-5.wav"):
        change = change_one(".output.csv", _cell(7, "filename", name))
        wrong, lack = faults_after(2023, change)
        assert (wrong.row, wrong.field, wrong.found, wrong.expected) == (7, "filename", name, NAMES)
        assert wrong.message == f"'{name}' is out of range 0 … 29"
        assert (lack.row, lack.found, lack.expected) == (None, "30 rows", NAMES)
        assert lack.message == "has no row for 1 of 30 files (5.wav)"


def test_the_same_fault_in_every_row_is_told_twenty_times_and_counted(
    faults_after: Callable[..., list[Fault]], change_one: Callable[..., Any]
) -> None:
    faults = faults_after(2022, change_one(".output.csv", lambda d: d.replace(b".wav", b".WAV")))
    assert [fault.row for fault in faults] == [*range(2, 22), None]
    assert faults[0].message == "'0.WAV' does not end in .wav"
    assert faults[-1].message == "10 more rows of the same kind, the last on line 31"
    assert faults[-1].found == "30 rows"


def test_a_header_alone_in_another_order_mixes_up_the_classes(
    faults_after: Callable[..., list[Fault]], change_one: Callable[..., Any]
) -> None:
    def change(data: bytes) -> bytes:
        return data.replace(b"airport\tbus", b"bus\tairport", 1)

    first, *others = faults_after(2025, change_one(".output.csv", change))
    assert (first.row, first.field) == (1, "column order")
    assert first.message == "column 3 is 'bus', not 'airport'"
    assert {fault.field for fault in others} == {"scene_label"}
    assert all("is not the arg-max" in fault.message for fault in others)
