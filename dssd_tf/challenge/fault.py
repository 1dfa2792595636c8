"""What is wrong with a submission, one fault at a time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ROWS_SHOWN = 20
# The longest that each text of a fault may be, in characters.
_LENGTHS = {"file": 200, "field": 120, "found": 60, "expected": 300, "message": 400}


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a submission.

    Every text is one short line that is safe to print: names and values in it come from
    strangers, so control characters are escaped.

    Args:
        file: The file inside the package, or the file that was given.
        row: Line of the file, the header being line 1; None where the fault is not on one line.
        field: The column, the dotted key or the property concerned.
        found: What is there; empty for what is missing.
        expected: What should be there.
        message: The reason, in one line.
    """

    file: str
    row: int | None
    field: str
    found: str
    expected: str
    message: str

    def __post_init__(self) -> None:
        for name, length in _LENGTHS.items():
            object.__setattr__(self, name, show(getattr(self, name), length))

    def __str__(self) -> str:
        where = self.file if self.row is None else f"{self.file}:{self.row}"
        return f"{where}: {self.field}: {self.message}"

    def in_full(self) -> str:
        """The fault in one line, with what was found and what was expected."""
        sides = [
            f"{word} {text}"
            for word, text in (("found", self.found), ("expected", self.expected))
            if text
        ]
        return f"{self} ({', '.join(sides)})" if sides else str(self)


def show(value: object, length: int = 60) -> str:
    """A value as one short line, safe to print."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except ValueError:
        # Python does not print integers of thousands of digits.
        text = f"{type(value).__name__} too long to print"
    # Escaping makes a text longer only, so what is cut off here would not be shown.
    text = text[: length + 1]
    text = text if text.isprintable() else repr(text)[1:-1]
    return text if len(text) <= length else text[: length - 3] + "..."


def row_faults(
    file: str,
    lines: np.ndarray,
    field: str,
    expected: str,
    tell: Callable[[int], tuple[str, str]],
) -> list[Fault]:
    """Faults of one kind: the first `ROWS_SHOWN` one by one, then one that counts the rest.

    Args:
        lines: Line numbers, ascending.
        tell: From a position in `lines` to what was found and the message.
    """
    faults = []
    for position, line in enumerate(lines[:ROWS_SHOWN]):
        found, message = tell(position)
        faults.append(Fault(file, int(line), field, show(found), expected, message))
    if (more := len(lines) - ROWS_SHOWN) > 0:
        rows = "rows" if more > 1 else "row"
        reason = f"{more} more {rows} of the same kind, the last on line {int(lines[-1])}"
        faults.append(Fault(file, None, field, f"{len(lines)} rows", expected, reason))
    return faults
