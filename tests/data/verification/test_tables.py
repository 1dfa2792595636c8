from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.data.verification.fault import DataFault
from dssd_tf.data.verification.verify import Verification, verify

Edit = Callable[[Path, Callable[[list[str]], list[str]]], None]
Only = Callable[[Verification, str], DataFault]


def test_a_name_given_twice(damaged: Path, edit: Edit, only: Only) -> None:
    edit(damaged / "meta.csv", lambda rows: [*rows, rows[3]])
    fault = only(verify(damaged, audio="none"), "duplicate")
    assert (fault.row, fault.expected) == (42, "named once, on line 4")


def test_a_cell_left_empty(damaged: Path, edit: Edit) -> None:
    def change(rows: list[str]) -> list[str]:
        name, scene, identifier, _ = rows[3].split("\t")
        return [*rows[:3], "\t".join((name, scene, identifier, "")), *rows[4:]]

    edit(damaged / "meta.csv", change)
    faults = verify(damaged, audio="none").faults
    assert ("columns", "meta.csv", 4, "no source_label") in {
        (f.check, f.file, f.row, f.message) for f in faults
    }


def test_blank_lines_keep_the_row_numbers(damaged: Path, edit: Edit, only: Only) -> None:
    edit(damaged / "meta.csv", lambda rows: [rows[0], "", *rows[1:], rows[3], ""])
    fault = only(verify(damaged, audio="none"), "duplicate")
    assert (fault.row, fault.expected) == (43, "named once, on line 5")


def test_crlf_is_no_fault(damaged: Path) -> None:
    for path in (damaged / "meta.csv", *(damaged / "evaluation_setup").iterdir()):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert verify(damaged, audio="none").faults == []


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("", "table"),
        ("filename,scene_label\na,b\n", "columns"),
        ("filename\tscene_label\tidentifier\nx\tbus\ty\n", "columns"),
        ("filename\tscene_label\tidentifier\tsource_label\na\tb\tc\td\te\n", "table"),
        (b"filename\tscene_label\n\xff\xfe\t\x00\n", "table"),
    ],
)
def test_a_table_that_cannot_be_used(
    damaged: Path, text: str | bytes, check: str, only: Only
) -> None:
    (damaged / "meta.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    result = verify(damaged)
    assert only(result, check).file == "meta.csv"
    assert result.remarks == ["meta.csv cannot be used: nothing else was checked"]


@pytest.mark.parametrize(
    "name",
    ["../meta.csv", "/etc/hostname", "audio\\a.wav", "audio/../../a", "./a.wav", "audio//a.wav"],
)
def test_a_name_that_leads_outside_is_not_touched(
    damaged: Path, name: str, edit: Edit, only: Only
) -> None:
    row = f"{name}\tbus\tlyon-1\ta"
    edit(damaged / "meta.csv", lambda rows: [*rows, row])
    fault = only(verify(damaged), "name")
    assert fault.row == 42 and "is no plain path inside" in fault.message
