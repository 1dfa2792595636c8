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
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

T = TypeVar("T")

console = Console(stderr=True, highlight=False, soft_wrap=True)


def track(items: Iterable[T], description: str, total: int | None = None) -> Iterator[T]:
    """Yield from `items`, showing a progress bar when standard error is a terminal."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    with bar(description, total) as advance:
        for item in items:
            yield item
            advance(1)


class Advance:
    """Moves a bar on by a number of items, with an optional text behind it."""

    def __init__(self, progress: Progress, task: int):
        self._progress, self._task = progress, task

    def __call__(self, items: int = 1, note: str = "") -> None:
        self._progress.update(self._task, advance=items, note=note)  # type: ignore[arg-type]


@contextlib.contextmanager
def bar(description: str, total: int | None) -> Iterator[Advance]:
    """A progress bar of `total` items that goes away when the work is done."""
    progress = Progress(
        SpinnerColumn(),
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with progress:
        yield Advance(progress, progress.add_task(description, total=total, note=""))


def say(text: str) -> None:
    """Print one line of progress, without markup."""
    console.print(text, markup=False)


def warn(text: str) -> None:
    """Print one warning line."""
    console.print(f"warning: {text}", style="yellow", markup=False)


@contextlib.contextmanager
def stage(name: str) -> Iterator[list[str]]:
    """Announce a stage, then print its duration and the remarks appended to the yielded list."""
    say(f"● {name} …")
    start = time.monotonic()
    remarks: list[str] = []
    yield remarks
    detail = f": {'; '.join(remarks)}" if remarks else ""
    say(f"✓ {name} ({time.monotonic() - start:.1f} s){detail}")
