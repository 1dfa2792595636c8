import time
from collections.abc import Callable

import pandas as pd
import pytest

from dssd_tf.challenge import Fault, load_edition
from dssd_tf.challenge.output import format_output
from dssd_tf.challenge.validate_output import check_output

EDITION = load_edition(2024)
CLASSES = EDITION.classes.value


@pytest.fixture
def lines(make_frame: Callable[..., pd.DataFrame]) -> list[str]:
    return format_output(make_frame(CLASSES), CLASSES).decode().splitlines()


@pytest.fixture
def check(files: list[str]) -> Callable[..., list[Fault]]:
    def check(data: bytes | list[str]) -> list[Fault]:
        if isinstance(data, list):
            data = ("\n".join(data) + "\n").encode()
        return check_output("o.csv", data, CLASSES, files, numbered=True)

    return check


def _has(faults: list[Fault], field: str, row: int | None, reason: str) -> bool:
    return any(
        fault.field == field and fault.row == row and reason in fault.message for fault in faults
    )


def _set(line: str, column: str, value: str) -> str:
    fields = line.split("\t")
    fields[["filename", "scene_label", *CLASSES].index(column)] = value
    return "\t".join(fields)


def test_a_good_file_has_no_faults(lines: list[str], check: Callable[..., list[Fault]]) -> None:
    assert check(lines) == []
    assert check("\n".join(lines).encode()) == []


def test_rows_are_judged_with_their_lines(
    lines: list[str], check: Callable[..., list[Fault]]
) -> None:
    lines[3], lines[8] = _set(lines[3], "bus", "0,5"), _set(lines[8], "filename", "6.wav")
    faults = check(lines)
    assert _has(faults, "bus", 4, "'0,5' is not a finite number")
    assert _has(faults, "filename", 9, "'6.wav' is a duplicate")


@pytest.mark.parametrize(
    ("change", "field", "row", "reason"),
    [
        (lambda data: b"\xef\xbb\xbf" + data, "encoding", 1, "BOM"),
        (lambda data: data.replace(b"\n", b"\r\n"), "line ends", None, "31 carriage returns"),
        (lambda data: data.replace(b"\t", b","), "separator", 1, "no TAB"),
        (lambda data: data.split(b"\n", 1)[1], "header", 1, "starts with a row"),
        (
            lambda data: data.replace(b"airport\tbus", b"bus\tairport", 1),
            "column order",
            1,
            "order",
        ),
        (
            lambda data: data.replace(b"\ttram\n", b"\ttrams\n", 1),
            "header",
            1,
            "did you mean 'tram'",
        ),
        (lambda data: data.replace(b"\tbus\t", b"\t", 1), "header", 1, "lacks 'bus'"),
        (lambda data: data.replace(b"\tbus\t", b"\tbus\tbus\t", 1), "header", 1, "twice"),
        (lambda data: data.replace(b"0.wav\t", b"\xff0.wav\t", 1), "encoding", 2, "not UTF-8"),
        (lambda data: data.replace(b"0.wav\t", b'"0.wav"\t', 1), "quoting", 2, "quotes a field"),
        (lambda data: data.replace(b"0.wav", b"\x000.wav", 1), "encoding", None, "NUL"),
        (lambda data: data.replace(b"\n5.wav", b"\n\n5.wav", 1), "fields", 7, "has 1 fields"),
        (lambda data: data.replace(b"\n5.wav", b"\t\n5.wav", 1), "fields", 6, "has 13 fields"),
        (lambda data: data[: data.rindex(b"29.wav")], "filename", None, "no row for 1 of 30 files"),
        (lambda data: data[: data.rindex(b"29.wav")], "rows", None, "has 29 rows, not 30"),
        (lambda data: data[: data.index(b"\n") + 1], "rows", None, "has 0 rows, not 30"),
        (lambda data: b"", "header", 1, "is empty"),
    ],
)
def test_a_wrong_form_is_told(
    lines: list[str],
    check: Callable[..., list[Fault]],
    change: Callable[[bytes], bytes],
    field: str,
    row: int | None,
    reason: str,
) -> None:
    data = ("\n".join(lines) + "\n").encode()
    changed = change(data)
    assert changed != data
    faults = check(changed)
    assert _has(faults, field, row, reason), faults


def test_columns_out_of_order_are_still_judged_by_name(
    make_frame: Callable[..., pd.DataFrame], files: list[str]
) -> None:
    data = format_output(make_frame(CLASSES), CLASSES[::-1])
    faults = check_output("o.csv", data, CLASSES, files, numbered=True)
    assert [fault.field for fault in faults] == ["column order"]


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (b"\t" * 5_000_000, "header", "5000001 columns"),
        (b"filename\t" + b"x" * 5_000_000, "header", "not 12"),
        (b"\n" * 5_000_000, "header", "is empty"),
    ],
)
def test_an_absurd_file_is_refused_quickly(
    check: Callable[..., list[Fault]], data: bytes, field: str, reason: str
) -> None:
    start = time.monotonic()
    faults = check(data)
    assert time.monotonic() - start < 2
    assert _has(faults, field, 1, reason), faults
    assert all(len(str(fault)) < 500 for fault in faults)


def test_an_absurd_row_is_refused_quickly(
    lines: list[str], check: Callable[..., list[Fault]]
) -> None:
    lines[5] = "\t" * 5_000_000
    lines[6] = _set(lines[6], "filename", "x" * 5_000_000)
    start = time.monotonic()
    faults = check(lines)
    assert time.monotonic() - start < 3
    assert _has(faults, "fields", 6, "has 5000001 fields")
    assert all(len(str(fault)) < 500 for fault in faults)


@pytest.mark.slow
def test_a_file_of_official_size_takes_seconds(make_frame: Callable[..., pd.DataFrame]) -> None:
    names = [f"{number}.wav" for number in range(EDITION.rows.value)]
    data = format_output(make_frame(CLASSES, names), CLASSES)
    spoilt = data.replace(b"\n135729.wav\t", b"\n135730.wav\t")
    start = time.monotonic()
    assert check_output("o.csv", data, CLASSES, names, numbered=True) == []
    faults = check_output("o.csv", spoilt, CLASSES, names, numbered=True)
    assert time.monotonic() - start < 10
    assert _has(faults, "filename", 135_731, "out of range 0 … 135729")
    assert _has(faults, "filename", None, "no row for 1 of 135730 files (135729.wav)")
