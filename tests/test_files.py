import errno
import json
import math
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dssd_tf import files
from dssd_tf.errors import DssdError
from dssd_tf.files import atomic_path, read_json, write_bytes, write_json, write_text


def _names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_file_appears_at_the_end_only(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.txt"
    with atomic_path(target) as part:
        part.write_text("x")
        assert not target.exists()
        assert part.suffix == ".txt"
    assert target.read_text() == "x"
    assert _names(target.parent) == ["a.txt"]


def test_folder_replaces_a_folder_whole(tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.mkdir()
    (target / "old").write_text("old")
    with atomic_path(target) as part:
        part.mkdir()
        (part / "new").write_text("new")
    assert _names(target) == ["new"]
    assert _names(tmp_path) == ["kept"]


@pytest.mark.parametrize("exception", [RuntimeError, KeyboardInterrupt])
def test_failure_leaves_the_old_file_and_no_other(
    tmp_path: Path, exception: type[BaseException]
) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(exception), atomic_path(target) as part:
        part.write_text("half")
        raise exception
    assert target.read_text() == "old"
    assert _names(tmp_path) == ["a.txt"]


def test_failure_leaves_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.mkdir()
    (target / "old").write_text("old")
    with pytest.raises(ValueError, match="stop"), atomic_path(target) as part:
        part.mkdir()
        raise ValueError("stop")
    assert _names(target) == ["old"]
    assert _names(tmp_path) == ["kept"]


def test_a_kill_between_the_renames_of_a_folder_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "kept.v1"
    target.mkdir()
    (target / "old").write_text("old")

    class Killed(BaseException):
        pass

    def die(*arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "replace", die)
        patch.setattr(files, "_drop", die)
        with atomic_path(target) as part:
            part.mkdir()
            (part / "new").write_text("new")
    assert not target.exists()
    files.remove_leftovers(tmp_path)
    assert _names(target) == ["old"]
    assert _names(tmp_path) == ["kept.v1"]


def test_an_error_between_the_renames_puts_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "kept"
    target.mkdir()
    (target / "old").write_text("old")

    def refuse(*arguments: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with (
        monkeypatch.context() as patch,
        pytest.raises(DssdError, match="Input/output"),
        atomic_path(target) as part,
    ):
        part.mkdir()
        patch.setattr(Path, "replace", refuse)
    assert _names(target) == ["old"]
    assert _names(tmp_path) == ["kept"]


def test_an_existing_folder_may_be_kept(tmp_path: Path) -> None:
    target = tmp_path / "kept"
    for text in ("first", "second"):
        with atomic_path(target, keep_existing=True) as part:
            part.mkdir()
            (part / text).write_text(text)
    assert _names(target) == ["first"]
    assert _names(tmp_path) == ["kept"]


def test_full_disk_is_one_line_with_path_and_fix(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    with pytest.raises(DssdError) as caught, atomic_path(target):
        raise OSError(errno.ENOSPC, "No space left on device")
    message = str(caught.value)
    assert message.startswith(f"{target}: could not be written (No space left on device)")
    assert "free some space" in message
    assert "\n" not in message
    assert target.read_bytes() == b"old"
    assert _names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize(
    ("number", "fix"),
    [
        (errno.ENOSPC, "free some space or choose another folder"),
        (errno.EDQUOT, "free some space or choose another folder"),
        (errno.EROFS, "choose another folder"),
        (errno.EACCES, "mend the folder's permissions or choose another one"),
        (errno.EPERM, "mend the folder's permissions or choose another one"),
        (errno.EIO, "choose another folder"),
    ],
)
def test_the_fix_of_a_refused_write_fits_the_reason(tmp_path: Path, number: int, fix: str) -> None:
    with pytest.raises(DssdError) as caught, atomic_path(tmp_path / "a.bin"):
        raise OSError(number, "refused")
    assert caught.value.fix == f"{fix}, then run the same command again"


def test_parent_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DssdError, match="could not be written"):
        write_text(tmp_path / "file" / "a.txt", "x")


def test_file_does_not_replace_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "inner").write_text("kept")
    with pytest.raises(DssdError, match="could not be written"):
        write_text(tmp_path / "a", "x")
    assert _names(tmp_path / "a") == ["inner"]
    assert _names(tmp_path) == ["a"]


def test_a_writer_that_made_nothing_is_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(DssdError, match=r"a\.txt: could not be written"),
        atomic_path(tmp_path / "a.txt"),
    ):
        pass
    assert _names(tmp_path) == []


def test_text_keeps_its_line_ends_and_is_utf8(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "é\r\nb\n")
    assert (tmp_path / "a").read_bytes() == b"\xc3\xa9\r\nb\n"


def test_bytes(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"\x00\xff")
    assert (tmp_path / "a").read_bytes() == b"\x00\xff"


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=_json)
def test_json_comes_back_as_it_was(tmp_path: Path, value: Any) -> None:
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_json_refuses_nan_and_leaves_the_old(tmp_path: Path, value: float) -> None:
    write_json(tmp_path / "a.json", {"x": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", {"x": value})
    assert json.loads((tmp_path / "a.json").read_text()) == {"x": 1}


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"{", "not valid JSON"), (b"\xff\xfe", "not valid JSON"), (None, "no such file")],
)
def test_unreadable_json_names_the_file(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DssdError, match=reason) as caught:
        read_json(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_folder_is_not_json(tmp_path: Path) -> None:
    with pytest.raises(DssdError, match="cannot be read"):
        read_json(tmp_path)


def test_leftovers_of_a_killed_writer_go_and_nothing_else(tmp_path: Path) -> None:
    killed = tmp_path / "inner" / ".a.txt.x1.tmp"
    killed.mkdir(parents=True)
    (killed / "a.txt").write_text("half")
    (tmp_path / "inner" / "a.txt").write_text("whole")
    (tmp_path / "notes.tmp").write_text("the user's")
    files.remove_leftovers(tmp_path)
    assert _names(tmp_path / "inner") == ["a.txt"]
    assert _names(tmp_path) == ["inner", "notes.tmp"]


def test_leftovers_still_in_use_stay(tmp_path: Path) -> None:
    old, fresh, outer = (tmp_path / f".{name}.x.tmp" for name in ("old", "fresh", "outer"))
    for folder in (old, fresh, outer / ".inner.x.tmp"):
        folder.mkdir(parents=True)
        (folder / "half").write_text("half")
    for path in (old / "half", old):
        os.utime(path, (1, 1))
    os.utime(fresh, (1, 1))
    assert files.leftovers(tmp_path) == [fresh, old, outer]
    files.remove_leftovers(tmp_path, unused_seconds=60)
    assert files.leftovers(tmp_path) == [fresh, outer]
    files.remove_leftovers(tmp_path)
    assert _names(tmp_path) == []
