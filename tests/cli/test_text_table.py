import re
import sys

import pytest

from dssd_tf.cli.text_table import Column, print_table

NAMES = ["dsmn_s", "a_network_with_a_long_name"]
SUMMARIES = ["short", "several words about what this network is and for whom it was made"]


@pytest.fixture
def columns() -> list[Column]:
    return [
        Column("name", NAMES),
        Column("parameters", ["45,164", "2,465,684"], number=True),
        Column("MACs", ["8,645,641", "502,984,564"], number=True),
        Column("left", ["~64.7", "-1576.6"], number=True),
        Column("summary", SUMMARIES, folds=True),
    ]


def test_whole_lines_where_there_is_no_terminal(
    columns: list[Column], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    print_table(columns)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].split() == ["name", "parameters", "MACs", "left", "summary"]
    assert lines[1].split() == ["dsmn_s", "45,164", "8,645,641", "~64.7", "short"]
    assert lines[2].endswith(SUMMARIES[1])
    assert "\x1b" not in "".join(lines)
    assert [line for line in lines if line != line.rstrip()] == []
    # Numbers end, texts begin under their headings.
    end = lines[0].index("left") + len("left")
    assert lines[1][:end].endswith(" ~64.7")
    assert lines[2][:end].endswith(" -1576.6")
    assert lines[1].index("short") == lines[0].index("summary")


@pytest.mark.parametrize("width", [30, 50, 60, 80, 100, 150])
def test_nothing_is_lost_on_a_narrow_terminal(
    columns: list[Column], capsys: pytest.CaptureFixture[str], width: int
) -> None:
    print_table(columns, width=width)
    out = capsys.readouterr().out
    least = len(NAMES[1]) + 2 + 24  # the first column beside the narrowest fold
    assert max(map(len, out.splitlines())) <= max(width, least)
    blocks = [block.splitlines() for block in out.split("\n\n")]
    headings = [block[0].split() for block in blocks]
    assert {heading[0] for heading in headings} == {"name"}
    assert [name for heading in headings for name in heading[1:]] == [
        "parameters",
        "MACs",
        "left",
        "summary",
    ]
    words = out.split()
    for column in columns:
        for cell in column.cells:
            assert set(cell.split()) <= set(words), cell
    assert all(name in "\n".join(block) for block in blocks for name in NAMES)


def test_wide_enough_is_one_table(
    columns: list[Column], capsys: pytest.CaptureFixture[str]
) -> None:
    print_table(columns, width=200)
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_a_terminal_sets_the_width(
    columns: list[Column], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_table(columns)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert len(lines) > 3
    assert max(map(len, lines)) <= 60


def test_cells_are_not_markup(capsys: pytest.CaptureFixture[str]) -> None:
    cells = ["[bold]x[/bold]", "[/]", ":smile:"]
    print_table([Column("name", cells), Column("[red]", cells)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "[red]"]
    assert [line.split() for line in lines[1:]] == [[cell, cell] for cell in cells]


def test_a_table_without_rows_is_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([Column("name", []), Column("count", [], number=True)])
    assert capsys.readouterr().out.split() == ["name", "count"]
