import numpy as np
import pytest

from dssd_tf.challenge.fault import ROWS_SHOWN, Fault, row_faults, show


def test_a_fault_is_one_line_with_its_place() -> None:
    fault = Fault("o.csv", 9, "bus", "x", "a number in [0, 1]", "'x' is not a finite number")
    assert str(fault) == "o.csv:9: bus: 'x' is not a finite number"
    fault = Fault("m.yaml", None, "system.name", "", "text", "is missing")
    assert str(fault) == "m.yaml: system.name: is missing"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("bus", "bus"),
        (12.5, "12.5"),
        (["a"], "['a']"),
        (None, "None"),
        ("a\nb\x1b[31m", "a\\nb\\x1b[31m"),
        ("é", "é"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 57 + "..."),
    ],
)
def test_a_value_is_shown_as_one_short_line(value: object, shown: str) -> None:
    assert show(value) == shown


def test_the_length_may_be_another() -> None:
    assert show("abcdefgh", 6) == "abc..."


@pytest.mark.parametrize("count", [0, 1, ROWS_SHOWN])
def test_few_rows_are_told_one_by_one(count: int) -> None:
    lines = np.arange(count) + 2
    faults = row_faults("o.csv", lines, "bus", "x", lambda i: (f"f{i}", f"m{i}"))
    assert faults == [Fault("o.csv", i + 2, "bus", f"f{i}", "x", f"m{i}") for i in range(count)]


def test_many_rows_end_with_the_number_of_the_rest() -> None:
    lines = np.arange(ROWS_SHOWN + 3) * 10 + 2
    faults = row_faults("o.csv", lines, "bus", "x", lambda i: ("f", "m"))
    assert [fault.row for fault in faults] == [*lines[:ROWS_SHOWN].tolist(), None]
    assert faults[-1].found == "23 rows"
    assert faults[-1].message == "3 more rows of the same kind, the last on line 222"


def test_line_numbers_are_plain_integers() -> None:
    (fault,) = row_faults("o.csv", np.array([2]), "bus", "x", lambda i: ("f", "m"))
    assert type(fault.row) is int


def test_what_was_found_is_shown_short() -> None:
    (fault,) = row_faults("o.csv", np.array([2]), "bus", "x", lambda i: ("a\t" * 99, "m"))
    assert len(fault.found) == 60 and fault.found.isprintable()
