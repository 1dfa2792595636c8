"""Outputs and meta files made to do harm: few faults, soon, in bounded memory."""

import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dssd_tf.challenge import Fault, load_edition
from dssd_tf.challenge.members import MAX_MEMBER_BYTES
from dssd_tf.challenge.output import format_output
from dssd_tf.challenge.validate_meta import check_meta
from dssd_tf.challenge.validate_output import check_output

EDITION = load_edition(2022)
CLASSES = EDITION.classes.value
LABEL = "Doe_EXAMPLE_task1_1"
# Seconds of computing: an answer takes tenths of one, what is not bounded would take minutes.
SECONDS = 10.0


@pytest.fixture
def output(make_frame: Callable[..., pd.DataFrame]) -> bytes:
    return format_output(make_frame(CLASSES), CLASSES)


@pytest.fixture
def judge(files: list[str]) -> Callable[..., list[Fault]]:
    """Faults of an output, which must come soon, few, and safe to print."""

    def judge(data: bytes, names: list[str] = files) -> list[Fault]:
        start = time.process_time()
        faults = check_output("o.csv", data, CLASSES, names, numbered=True)
        assert time.process_time() - start < SECONDS
        return _harmless(faults)

    return judge


def _harmless(faults: list[Fault]) -> list[Fault]:
    assert len(faults) < 300
    for fault in faults:
        line = fault.in_full()
        assert line.isprintable() and len(line) < 1200
    return faults


def _told(faults: list[Fault]) -> list[tuple[str, int | None, str]]:
    return [(fault.field, fault.row, fault.found) for fault in faults]


def _judge_meta(data: bytes) -> list[Fault]:
    start = time.process_time()
    faults = check_meta("m.yaml", data, [LABEL], EDITION, None, official=True)
    assert time.process_time() - start < SECONDS
    return _harmless(faults)


@pytest.mark.parametrize(
    ("data", "field", "found"),
    [
        pytest.param(b"\t" * 10_000_000, "header", "10000001 columns", id="10^7 columns"),
        pytest.param(b"filename\t" + b"x" * 10**8, "header", "2 columns", id="100 MB, no line end"),
        pytest.param(b"\n" * 10_000_000, "rows", "10000000 lines", id="10^7 empty lines"),
        pytest.param(b"\r" * 10_000_000, "rows", "10000000 lines", id="10^7 carriage returns"),
        pytest.param(b"5.wav\n" * 10**6, "rows", "1000000 lines", id="10^6 short rows"),
    ],
)
def test_an_absurd_file_is_one_fault(
    judge: Callable[..., list[Fault]], data: bytes, field: str, found: str
) -> None:
    (fault,) = judge(data)
    assert (fault.field, fault.found) == (field, found)


def test_a_row_of_ten_million_columns_is_one_fault(
    output: bytes, judge: Callable[..., list[Fault]]
) -> None:
    faults = judge(output.replace(b"\n5.wav\t", b"\n5.wav" + b"\t" * 10_000_000, 1))
    assert _told(faults) == [("fields", 7, "10000011 fields")]


def test_a_row_of_100_mb_is_one_fault(output: bytes, judge: Callable[..., list[Fault]]) -> None:
    faults = judge(output.replace(b"\n5.wav\t", b"\n5.wav" + b"x" * 10**8 + b"\t", 1))
    (fault,) = faults
    assert (fault.field, fault.row, fault.found[:3]) == ("row", 7, "100")


def test_many_short_rows_are_told_in_part(output: bytes, judge: Callable[..., list[Fault]]) -> None:
    names = [f"{number}.wav" for number in range(EDITION.rows.value)]
    faults = judge(output + b"5.wav\n" * 200_000, names)
    assert len(faults) == 22
    assert faults[20].found == "200000 rows"
    assert "has no row for 118770 of 118800" in faults[21].message


@pytest.mark.parametrize("byte", [b"\xff", b'"', b"\x00", b"\xc3"])
def test_a_full_file_of_one_odd_byte_is_soon_told(
    judge: Callable[..., list[Fault]], byte: bytes
) -> None:
    assert judge(byte * (MAX_MEMBER_BYTES // 4))


@pytest.mark.parametrize("text", ["\x1b[31m", "\u202e", "\x07", "\x85", "\u2028"])
@pytest.mark.parametrize("column", ["filename", "scene_label", "bus", "header"])
def test_terminal_escapes_are_never_printed_raw(
    output: bytes, judge: Callable[..., list[Fault]], column: str, text: str
) -> None:
    lines = output.decode().split("\n")
    line = 0 if column == "header" else 5
    fields = lines[line].split("\t")
    fields[["filename", "scene_label", *CLASSES, "header"].index(column) % 12] = f"x{text}x"
    lines[line] = "\t".join(fields)
    assert judge("\n".join(lines).encode())


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changes=st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 8),
            st.one_of(
                st.binary(max_size=5), st.text("\t\n\r\"',;.-+e0159naif\x00 ").map(str.encode)
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_change_of_an_output_gives_faults_or_none(
    output: bytes, files: list[str], changes: list[tuple[float, int, bytes]]
) -> None:
    data = bytearray(output)
    for share, length, new in changes:
        place = int(share * len(data))
        data[place : place + length] = new
    _harmless(check_output("o.csv", bytes(data), CLASSES, files, numbered=True))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"!!python/object/apply:os.system ['touch escaped']", "could not determine a constructor"),
        (b"!!python/name:os.system", "could not determine a constructor"),
        (
            b"a: &a [x,x,x,x,x,x,x,x,x]\n"
            + b"".join(
                b"%c: &%c [%s]\n" % (k + 1, k + 1, b",".join([b"*%c" % k] * 9))
                for k in range(97, 106)
            ),
            "through its aliases",
        ),
        (b"a: &a [*a]", "contains itself"),
        (b"[" * 50 + b"]" * 50, "deeper than 40"),
        (b"{a: " * 50 + b"1" + b"}" * 50, "deeper than 40"),
        (b"- " * 30_000, "deeper than 40"),
        (b"? " * 30_000, "deeper than 40"),
        (b"a: 0x" + b"F" * 60_000, "is missing"),
        (b"a: " + b"9" * 60_000, "cannot be read"),
        (b"a: 2020-99-99", "cannot be read"),
        (b"{[a]: 1}", "unhashable"),
        (b"\x00", "holds no text"),
        (b"\xff\xfea", "is not UTF-8"),
        (b"a: [" + b"1," * 90_000 + b"1]", "at most 65536 bytes"),
    ],
    ids=lambda value: value[:12].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_a_hostile_meta_file_is_refused(
    data: bytes, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    faults = _judge_meta(data)
    assert any(reason in fault.message for fault in faults), faults
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "data",
    [
        b'results: {development_dataset: {overall: {accuracy: "\\e[31m"}}}',
        b'results: {development_dataset: {class_wise: {"\\e[31m": 1, "a\\nb": 2}}}',
        b'submission: {label: "\\e[31m", abbreviation: "\\e[31m\\e[31m\\e[31m"}',
        b'system: {complexity: {"macs\\u202E": 1}}',
        b'"submissio\\u0007n": 1',
    ],
)
def test_terminal_escapes_of_a_meta_file_are_never_printed_raw(data: bytes) -> None:
    assert _judge_meta(data)
