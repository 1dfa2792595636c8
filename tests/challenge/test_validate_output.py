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


def test_rows_are_judged_with_their_lines(
    lines: list[str], check: Callable[..., list[Fault]]
) -> None:
    lines[3], lines[8] = _set(lines[3], "bus", "0,5"), _set(lines[8], "filename", "6.wav")
    faults = check(lines)
    assert _has(faults, "bus", 4, "'0,5' is not a finite number")
    assert _has(faults, "filename", 9, "'6.wav' is a duplicate")


def test_a_file_without_a_last_line_end_is_whole(
    lines: list[str], check: Callable[..., list[Fault]]
) -> None:
    assert check("\n".join(lines).encode()) == []


def test_faults_of_several_kinds_are_all_told(
    lines: list[str], check: Callable[..., list[Fault]]
) -> None:
    lines[3] = _set(lines[3], "bus", "nan")
    lines[9] += "\t0"
    data = b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n"
    told = [(fault.field, fault.row) for fault in check(data)]
    assert told == [("encoding", 1), ("line ends", None), ("fields", 10), ("bus", 4)]


def test_rows_that_commas_separate_are_told_as_such_alone(
    lines: list[str], check: Callable[..., list[Fault]]
) -> None:
    lines[1:] = [line.replace("\t", ",") for line in lines[1:]]
    assert {fault.field for fault in check(lines)} == {"fields"}


def test_columns_out_of_order_are_still_judged_by_name(
    make_frame: Callable[..., pd.DataFrame], files: list[str]
) -> None:
    data = format_output(make_frame(CLASSES), CLASSES[::-1])
    faults = check_output("o.csv", data, CLASSES, files, numbered=True)
    assert [fault.field for fault in faults] == ["column order"]


@pytest.mark.slow
def test_a_file_of_official_size_takes_seconds(make_frame: Callable[..., pd.DataFrame]) -> None:
    names = [f"{number}.wav" for number in range(EDITION.rows.value)]
    data = format_output(make_frame(CLASSES, names), CLASSES)
    spoilt = data.replace(b"\n135729.wav\t", b"\n135730.wav\t")
    start = time.process_time()
    assert check_output("o.csv", data, CLASSES, names, numbered=True) == []
    faults = check_output("o.csv", spoilt, CLASSES, names, numbered=True)
    assert time.process_time() - start < 10
    assert _has(faults, "filename", 135_731, "out of range 0 … 135729")
    assert _has(faults, "filename", None, "no row for 1 of 135730 files (135729.wav)")
