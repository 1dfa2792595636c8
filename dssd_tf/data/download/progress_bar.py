"""What a download shows: bytes, rate and time left; off a terminal a plain line now and then."""

import contextlib
import threading
import time
from collections.abc import Iterator

from rich.filesize import decimal
from rich.progress import DownloadColumn, Progress, TransferSpeedColumn

from dssd_tf.progress import LINE_SECONDS, console, passing_bar, say


class Bytes:
    """Counts bytes of several threads."""

    def __init__(self, progress: Progress, total: int):
        self._progress, self._total, self.done = progress, total, 0
        self._task = progress.add_task("downloading", total=total, note="")
        self._lock, self._told = threading.Lock(), time.monotonic()

    def __call__(self, count: int) -> None:
        """Add bytes; a negative number takes some back."""
        with self._lock:
            self.done += count
            self._progress.update(self._task, completed=self.done)
            now = time.monotonic()
            if console.is_terminal or now - self._told < LINE_SECONDS:
                return
            self._told = now
        say(f"  downloading: {decimal(self.done)} of {decimal(self._total)}")

    def note(self, text: str) -> None:
        """Show what is being done besides."""
        self._progress.update(self._task, note=text)


@contextlib.contextmanager
def transfer_bar(total: int) -> Iterator[Bytes]:
    """A bar of `total` bytes that goes away when the work is done."""
    with passing_bar(DownloadColumn(), TransferSpeedColumn()) as progress:
        yield Bytes(progress, total)
