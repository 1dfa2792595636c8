import os
from pathlib import Path

import pytest

from dssd_tf.native_log import silenced


def test_native_chatter_is_held_back(capfd: pytest.CaptureFixture[str]) -> None:
    with silenced():
        os.write(2, b"chatter\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_chatter_is_shown_when_the_work_fails(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="broken"), silenced():
        os.write(2, b"the reason\n")
        raise RuntimeError("broken")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "the reason\nafter\n"


def test_standard_output_is_not_touched(capfd: pytest.CaptureFixture[str]) -> None:
    with silenced():
        os.write(1, b"result\n")
    assert capfd.readouterr().out == "result\n"


def test_nesting_gives_standard_error_back(capfd: pytest.CaptureFixture[str]) -> None:
    with silenced(), silenced():
        os.write(2, b"chatter\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_no_file_descriptor_is_left_open() -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(3):
        with silenced():
            pass
    assert len(list(Path("/dev/fd").iterdir())) == before
