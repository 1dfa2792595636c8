import re
import time

import pytest

from dssd_tf import progress
from dssd_tf.progress import NOT_DONE, bar, say, stage, track, warn


def test_off_a_terminal_a_bar_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track([3, 1, 2], "counting")) == [3, 1, 2]
    assert list(track((n for n in range(3)), "counting", total=3)) == [0, 1, 2]
    with bar("working", None) as advance:
        advance(2, "loss 1.0")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_on_a_terminal_the_bar_shows_what_and_how_far(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = progress.Console(stderr=True, force_terminal=True, width=100)
    monkeypatch.setattr(progress, "console", terminal)
    with bar("working", 4) as advance:
        advance(3, "loss 0.5")
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert "working" in shown
    assert "3/4" in shown
    assert "loss 0.5" in shown


def test_the_bar_shows_the_rate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = progress.Console(stderr=True, force_terminal=True, width=120)
    monkeypatch.setattr(progress, "console", terminal)
    with bar("working", 4) as advance:
        for _ in range(4):
            time.sleep(0.002)
            advance(1)
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert re.search(r"4/4 .*[\d,.]+/s", shown)


def test_off_a_terminal_a_long_bar_shows_life(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with bar("log-mel [x]", 10_000) as advance:
        for seconds, items in ((10, 500), (31, 1500), (40, 100), (62, 2900)):
            now[0] = float(seconds)
            advance(items, "note" if items == 2900 else "")
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "  log-mel [x]: 2,000 of 10,000 (20 %), 71/s, 1:52 left",
        "  log-mel [x]: 5,000 of 10,000 (50 %), 87/s, 0:58 left, note",
    ]


def test_off_a_terminal_a_long_bar_without_a_total(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with bar("reading", None) as advance:
        now[0] = 40.0
        advance(60)
        now[0] = 80.0
        advance(60)
    lines = capsys.readouterr().err.splitlines()
    # The first item may have had much to prepare: it tells no rate yet.
    assert lines == ["  reading: 60", "  reading: 120, 1.50/s"]


def test_an_exception_passes_through_a_bar() -> None:
    with pytest.raises(ValueError, match="stop"), bar("working", 2):
        raise ValueError("stop")


def test_stage_announces_itself_and_ends_with_its_remarks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with stage("counting") as remarks:
        assert capsys.readouterr().err == "● counting …\n"
        remarks += ["3 clips", "[none] lost"]
    captured = capsys.readouterr()
    assert re.fullmatch(r"✓ counting \(\d+\.\d s\): 3 clips; \[none\] lost\n", captured.err)
    assert captured.out == ""


def test_a_stage_that_made_nothing_has_no_tick(capsys: pytest.CaptureFixture[str]) -> None:
    with stage("packing") as remarks:
        remarks += [f"{NOT_DONE}there is no box", "more"]
    told = capsys.readouterr().err.splitlines()[-1]
    assert re.fullmatch(r"– packing \(\d+\.\d s\): none: there is no box; more", told)


def test_a_failed_stage_does_not_say_it_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="stop"), stage("counting"):
        raise ValueError("stop")
    assert "✓" not in capsys.readouterr().err


def test_lines_go_to_standard_error_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    say("[bold]x[/bold] " + "y" * 300)
    warn("odd [file]")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "[bold]x[/bold] " + "y" * 300 + "\nwarning: odd [file]\n"
