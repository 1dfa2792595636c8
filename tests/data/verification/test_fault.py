import pytest

from dssd_tf.data.verification.fault import DataFault, FaultList, one_line


def test_a_fault_is_one_line_with_its_place() -> None:
    fault = DataFault("name", "meta.csv", 7, "x", "y", "x is not y")
    assert str(fault) == "meta.csv:7: name: x is not y"
    fault = DataFault("empty", "audio/0.wav", None, "0 bytes", "audio", "the file is empty")
    assert str(fault) == "audio/0.wav: empty: the file is empty"


def test_an_empty_list_has_no_faults() -> None:
    faults = FaultList()
    assert (faults.faults, faults.total) == ([], 0)


def test_a_table_shows_the_first_and_counts_the_rest() -> None:
    faults = FaultList(shown=2)
    faults.add_rows("name", "meta.csv", [2, 3, 4, 5], "abcd", "ABCD", "{found} is no {expected}")
    faults.add("count", "meta.csv", "4 clips, expected 5", found=4, expected=5)
    assert faults.total == 5
    assert faults.faults == [
        DataFault("name", "meta.csv", 2, "a", "A", "a is no A"),
        DataFault("name", "meta.csv", 3, "b", "B", "b is no B"),
        DataFault("name", "meta.csv", None, "4", "0", "2 more of the same kind"),
        DataFault("count", "meta.csv", None, "4", "5", "4 clips, expected 5"),
    ]


def test_each_table_and_check_is_counted_by_itself() -> None:
    faults = FaultList(shown=1)
    for file in ("meta.csv", "evaluation_setup/test.csv"):
        faults.add("name", file, "odd")
        faults.add("columns", file, "blank")
    assert len(faults.faults) == faults.total == 4


def test_recordings_are_counted_together() -> None:
    faults = FaultList(shown=2)
    for number in range(5):
        faults.add("empty", f"audio/{number}.wav", "the file is empty")
    files = [fault.file for fault in faults.faults]
    assert files == ["audio/0.wav", "audio/1.wav", "audio/1.wav and others"]
    assert faults.faults[-1].message == "3 more of the same kind"


def test_none_keeps_all() -> None:
    faults = FaultList(shown=None)
    for row in range(100):
        faults.add("name", "meta.csv", "odd", row=row)
    assert [fault.row for fault in faults.faults] == list(range(100))


def test_rows_and_values_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="zip"):
        FaultList().add_rows("name", "meta.csv", [2, 3], ["a"], ["A", "B"], "{found}")


def test_braces_in_a_name_are_only_text() -> None:
    faults = FaultList()
    faults.add_rows("name", "meta.csv", [2], ["{0}{expected}"], ["b"], "{found} is no {expected}")
    assert faults.faults[0].message == "{0}{expected} is no b"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("bus", "bus"),
        (12, "12"),
        ("a\nb\x1b[31m", "a\\nb\\x1b[31m"),
        ("é", "é"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
    ],
)
def test_a_value_is_shown_as_one_short_line(value: object, shown: str) -> None:
    assert one_line(value) == shown
