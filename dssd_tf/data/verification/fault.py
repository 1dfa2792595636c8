"""What is wrong with a dataset, one fault at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class DataFault:
    """One thing wrong with a dataset.

    Args:
        check: The name of the check, the same for all faults of its kind.
        file: The table or recording, relative to the dataset's folder.
        row: Line of the table, the header being line 1; None where there is none.
        found: What is there; empty for what is missing.
        expected: What should be there.
        message: The reason, in one line.
    """

    check: str
    file: str
    row: int | None
    found: str
    expected: str
    message: str

    def __str__(self) -> str:
        where = self.file if self.row is None else f"{self.file}:{self.row}"
        return f"{where}: {self.check}: {self.message}"


class FaultList:
    """Collects faults; of one check and file it keeps the first `shown` and counts the rest.

    Args:
        shown: The most faults kept of one check in one table or folder; None keeps all.
    """

    def __init__(self, shown: int | None = 20):
        self.shown = shown
        self.total = 0
        self._kept: dict[tuple[str, str], list[DataFault]] = {}
        self._more: dict[tuple[str, str], int] = {}

    def add(
        self,
        check: str,
        file: str,
        message: str,
        *,
        row: int | None = None,
        found: object = "",
        expected: object = "",
    ) -> None:
        """One fault."""
        # Recordings are counted together: there are many files with one fault each.
        group = (check, file if file.endswith(".csv") else "")
        kept = self._kept.setdefault(group, [])
        self.total += 1
        if self.shown is not None and len(kept) >= self.shown:
            self._more[group] = self._more.get(group, 0) + 1
            return
        kept.append(DataFault(check, file, row, one_line(found), one_line(expected), message))

    def add_rows(
        self,
        check: str,
        file: str,
        rows: Sequence[int],
        found: Iterable[object],
        expected: Iterable[object],
        message: str,
    ) -> None:
        """A fault for each row; `message` may hold `{found}` and `{expected}`."""
        for row, is_, should in zip(rows, found, expected, strict=True):
            text = message.format(found=one_line(is_), expected=one_line(should))
            self.add(check, file, text, row=int(row), found=is_, expected=should)

    @property
    def faults(self) -> list[DataFault]:
        """The faults kept, and one for each group that has more."""
        result = []
        for (check, file), kept in self._kept.items():
            result += kept
            if more := self._more.get((check, file)):
                where = file or f"{kept[-1].file} and others"
                text = f"{more} more of the same kind"
                count = str(len(kept) + more)
                result.append(DataFault(check, where, None, count, "0", text))
        return result


def one_line(value: object, length: int = 80) -> str:
    """A value as one short line, safe to print."""
    text = str(value)
    text = text if text.isprintable() else repr(text)[1:-1]
    return text if len(text) <= length else text[: length - 1] + "…"
