"""What long work shows: a bar with rate and time left on a terminal, a plain line elsewhere."""

import contextlib
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

T = TypeVar("T")

console = Console(stderr=True, highlight=False, soft_wrap=True)

LINE_SECONDS = 30.0
"""Off a terminal: seconds between two lines of a bar."""


NOT_DONE = "none: "
"""How the first remark of a stage begins that made nothing; the reason follows."""


def track(items: Iterable[T], description: str, total: int | None = None) -> Iterator[T]:
    """Yield from `items`, showing a progress bar when standard error is a terminal."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    with bar(description, total) as advance:
        for item in items:
            yield item
            advance(1)


class Advance:
    """Moves a bar on by a number of items, with an optional text behind it.

    Off a terminal it prints a plain line every `LINE_SECONDS`, so that a log file shows life. Its
    rate counts from the first item on, which may have had much to prepare.
    """

    def __init__(self, progress: Progress, task: int):
        self._progress, self._task = progress, task
        self._told = time.monotonic()
        self._first: tuple[float, float] | None = None

    def __call__(self, items: int = 1, note: str = "") -> None:
        self._progress.update(self._task, advance=items, note=note)  # type: ignore[arg-type]
        now, task = time.monotonic(), self._progress.tasks[0]
        if self._first is None and items:
            self._first = now, task.completed
        if not console.is_terminal and now - self._told >= LINE_SECONDS:
            self._told = now
            start, done = self._first or (now, 0.0)
            rate = (task.completed - done) / (now - start) if now > start else 0.0
            say(_plain_line(task, rate, note))


class RateColumn(ProgressColumn):
    """Items a second, of late."""

    def render(self, task: Task) -> Text:
        """The rate, or nothing before there is one."""
        rate = task.finished_speed or task.speed
        return Text(_rate(rate) if rate else "")


@contextlib.contextmanager
def bar(description: str, total: int | None) -> Iterator[Advance]:
    """A progress bar of `total` items that goes away when the work is done."""
    amount = (MofNCompleteColumn(), RateColumn(), TimeElapsedColumn())
    with passing_bar(*amount, first=SpinnerColumn()) as progress:
        yield Advance(progress, progress.add_task(description, total=total, note=""))


def passing_bar(*amount: ProgressColumn, first: ProgressColumn | None = None) -> Progress:
    """A bar on the terminal that goes away when the work is done; elsewhere nothing.

    Its tasks have a field `note`, the text behind the bar.

    Args:
        amount: What stands between the bar and the time left.
        first: What stands before the description.
    """
    return Progress(
        *([first] if first else []),
        TextColumn("  {task.description}"),
        BarColumn(),
        *amount,
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _plain_line(task: Task, rate: float, note: str) -> str:
    done = task.completed
    text = f"  {task.description}: {done:,.0f}"
    if task.total:
        text += f" of {task.total:,.0f} ({100 * done / task.total:.0f} %)"
    if rate:
        text += f", {_rate(rate)}"
    if task.total and rate:
        text += f", {_duration((task.total - done) / rate)} left"
    return f"{text}, {note}" if note else text


def _rate(items_per_second: float) -> str:
    return f"{items_per_second:,.{0 if items_per_second >= 10 else 2}f}/s"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def say(text: str) -> None:
    """Print one line of progress, without markup."""
    console.print(text, markup=False)


def warn(text: str) -> None:
    """Print one warning line."""
    console.print(f"warning: {text}", style="yellow", markup=False)


@contextlib.contextmanager
def stage(name: str) -> Iterator[list[str]]:
    """Announce a stage, then print its duration and the remarks appended to the yielded list.

    A stage whose first remark begins with `NOT_DONE` gets no tick.
    """
    say(f"● {name} …")
    start = time.monotonic()
    remarks: list[str] = []
    yield remarks
    detail = f": {'; '.join(remarks)}" if remarks else ""
    mark = "–" if remarks and remarks[0].startswith(NOT_DONE) else "✓"
    say(f"{mark} {name} ({time.monotonic() - start:.1f} s){detail}")
