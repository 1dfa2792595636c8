import io
import re
import threading

import pytest
from rich.console import Console

from dssd_tf import progress
from dssd_tf.data.download import progress_bar
from dssd_tf.data.download.progress_bar import transfer_bar


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the bar sees, in s."""
    now = [0.0]
    monkeypatch.setattr(progress_bar.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a terminal of 120 characters is sent."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=120)
    monkeypatch.setattr(progress, "console", console)
    monkeypatch.setattr(progress_bar, "console", console)
    return stream


def _seen(stream: io.StringIO) -> str:
    return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", stream.getvalue())


def test_off_a_terminal_a_line_now_and_then(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with transfer_bar(5_000_000) as count:
        for now in (10.0, 29.0, 31.0, 40.0, 70.0):
            clock[0] = now
            count(1_000_000)
        count.note("unpacking a.zip")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "  downloading: 3.0 MB of 5.0 MB",
        "  downloading: 5.0 MB of 5.0 MB",
    ]


def test_on_a_terminal_a_bar_with_bytes_and_note(terminal: io.StringIO) -> None:
    with transfer_bar(5_000_000) as count:
        count(2_000_000)
        count.note("unpacking a.zip")
    shown = _seen(terminal)
    assert "downloading" in shown and "2.0/5.0 MB" in shown and "unpacking a.zip" in shown


def test_bytes_are_taken_back() -> None:
    with transfer_bar(100) as count:
        count(60)
        count(-60)
        count(30)
        assert count.done == 30


def test_threads_do_not_lose_bytes() -> None:
    with transfer_bar(40_000) as count:
        threads = [
            threading.Thread(target=lambda: [count(1) for _ in range(2_000)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert count.done == 8_000


def test_an_exception_passes_through(terminal: io.StringIO) -> None:
    with pytest.raises(ValueError, match="stop"), transfer_bar(10) as count:
        count(1)
        raise ValueError("stop")
    # The cursor, hidden while the bar is shown, is there again.
    assert terminal.getvalue().rstrip().rfind("\x1b[?25h") > terminal.getvalue().rfind("\x1b[?25l")
