"""Aligned text tables: whole lines in a pipe, folded to the width of a terminal."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_GAP = 2
_FOLDED_WIDTH = 24


@dataclass(frozen=True)
class Column:
    """A column's heading and cells.

    Args:
        heading: One line.
        cells: One a row.
        number: Aligned to the right.
        folds: May break into several lines where the terminal is narrow.
    """

    heading: str
    cells: Sequence[str]
    number: bool = False
    folds: bool = False

    @property
    def width(self) -> int:
        """Of its longest text."""
        return max(map(cell_len, (self.heading, *self.cells)))

    @property
    def least_width(self) -> int:
        """The narrowest it may become."""
        return min(self.width, _FOLDED_WIDTH) if self.folds else self.width


def print_table(columns: Sequence[Column], *, width: int | None = None) -> None:
    """Print a table to standard output.

    Nothing is ever cut off. Where the columns do not fit side by side, the rest follow in
    further tables below, each with the first column repeated.

    Args:
        columns: The first one names the rows.
        width: Characters a line; None for those of the terminal, and for whole lines where
            standard output is no terminal.
    """
    console = Console(file=sys.stdout, highlight=False, emoji=False, markup=False)
    if width is None and sys.stdout.isatty():
        width = console.width
    for index, part in enumerate(_parts(columns, width)):
        if index:
            print()
        natural, least = _total(c.width for c in part), _total(c.least_width for c in part)
        # Rich crops what does not fit: a terminal narrower than that may break the lines itself.
        console.width = natural if width is None else max(least, min(width, natural))
        with console.capture() as printed:
            console.print(_table(part))
        print("\n".join(line.rstrip() for line in printed.get().splitlines()))


def _parts(columns: Sequence[Column], width: int | None) -> Iterable[list[Column]]:
    """Runs of columns that fit into `width`, each behind the first column."""
    first, *rest = columns
    part = [first]
    for column in rest:
        needed = _total(other.least_width for other in (*part, column))
        if width is not None and needed > width and len(part) > 1:
            yield part
            part = [first]
        part.append(column)
    yield part


def _total(widths: Iterable[int]) -> int:
    """Width of columns side by side."""
    return sum(width + _GAP for width in widths) - _GAP


def _table(columns: Sequence[Column]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(
            Text(column.heading),
            justify="right" if column.number else "left",
            min_width=column.least_width,
            no_wrap=not column.folds,
            overflow="fold",
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, row))
    return table
