"""How far a long prediction is, on standard error."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

_LINE_SECONDS = 10.0


def track(items: Iterable[T], total: int) -> Iterator[T]:
    """Yield from `items`; a bar where tqdm is installed, else a line every ten seconds."""
    try:
        from tqdm import tqdm
    except ImportError:
        yield from _lines(items, total)
    else:
        # Work that is done before anyone looks shows nothing.
        yield from tqdm(items, total=total, unit="clip", delay=1.0, file=sys.stderr)


def _lines(items: Iterable[T], total: int) -> Iterator[T]:
    start = told = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - told >= _LINE_SECONDS:
            told = now
            rate = done / (now - start)
            left = (total - done) / rate
            line = f"{done:,} of {total:,} clips, {rate:,.0f}/s, {left:,.0f} s left"
            print(line, file=sys.stderr, flush=True)
