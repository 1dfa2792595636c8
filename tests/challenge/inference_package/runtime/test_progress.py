"""Lines on standard error where tqdm is not installed."""

import sys

import pytest

from dssd_tf.challenge.inference_package.runtime import progress


def test_lines_without_tqdm(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(progress, "_LINE_SECONDS", 0.0)
    assert list(progress.track(iter("abcd"), 4)) == list("abcd")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[0].startswith("1 of 4 clips, ")
    monkeypatch.setattr(progress, "_LINE_SECONDS", 10.0)
    assert list(progress.track(iter("abcd"), 4)) == list("abcd")
    assert capsys.readouterr().err == ""
