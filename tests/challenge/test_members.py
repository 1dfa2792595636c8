import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.challenge import Fault, validate
from dssd_tf.challenge.members import (
    MAX_MEMBER_BYTES,
    Member,
    Members,
    UnreadableError,
    open_members,
)
from dssd_tf.errors import PackageError

OUTPUT = "task1/Doe_EXAMPLE_task1_1/Doe_EXAMPLE_task1_1.output.csv"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/b.txt", b"text")
        archive.writestr("a/", b"")
        archive.writestr("empty/", b"")
    return path


def _told(members: Members) -> list[tuple[str, str]]:
    return [(fault.file, fault.field) for fault in members.faults]


def test_members_of_a_zip(package: Path) -> None:
    with open_members(package) as members:
        (member,) = members.files
        assert member == Member("a/b.txt", 4)
        assert members.read(member) == b"text"
        assert sorted(members.folders) == ["a/", "empty/"]
        assert members.faults == [] and members.whole


def test_members_of_a_folder(package: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    with open_members(folder) as members:
        (member,) = members.files
        assert member == Member("a/b.txt", 4)
        assert members.read(member) == b"text"
        # Only what nothing lies in: the others are known by their files.
        assert members.folders == ["empty/"]
        assert members.faults == [] and members.whole


def test_what_is_no_regular_file_is_refused_but_listed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")
    (tmp_path / "folder").symlink_to("/etc")
    (tmp_path / "broken").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    members = Members(tmp_path)
    assert sorted(_told(members)) == [(n, "type") for n in ("broken", "folder", "link", "pipe")]
    assert all(member.refused for member in members.files)
    assert {fault.found for fault in members.faults} == {"a symbolic link", "not a regular file"}


def test_a_file_that_changes_after_it_was_listed(tmp_path: Path) -> None:
    for name in ("gone", "longer", "shorter"):
        (tmp_path / name).write_bytes(b"text")
    members = Members(tmp_path)
    (tmp_path / "gone").unlink()
    (tmp_path / "longer").write_bytes(b"text and more")
    (tmp_path / "shorter").write_bytes(b"t")
    for member in members.files:
        reason = "No such file" if member.name == "gone" else "does not hold the 4 bytes"
        with pytest.raises(UnreadableError, match=reason) as error:
            members.read(member)
        assert str(tmp_path) not in str(error.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="an administrator may read everything")
def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "file").chmod(0)
    (tmp_path / "folder").mkdir(mode=0)
    members = Members(tmp_path)
    assert _told(members) == [("folder/", "folder")]
    with pytest.raises(UnreadableError, match="Permission denied"):
        members.read(members.files[0])


def test_a_folder_that_may_not_be_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    (fault,) = Members(tmp_path).faults
    assert str(fault) == "closed/: folder: cannot be read (Permission denied)"


def test_a_large_file_in_a_folder_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MAX_MEMBER_BYTES + 1)
    members = Members(tmp_path)
    assert _told(members) == [("large", "size")]
    assert members.faults[0].found == f"{MAX_MEMBER_BYTES + 1} bytes"


def test_a_file_that_is_no_zip_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "package.zip"
    with pytest.raises(PackageError, match="cannot be read"):
        validate(path, 2022)
    path.write_bytes(b"no zip")
    with pytest.raises(PackageError, match="not a zip archive"):
        validate(path, 2022)


def test_links_and_empty_folders_of_an_unpacked_package_are_faults(
    make_package: Callable[[int], Path], files: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(make_package(2022)) as archive:
        archive.extractall(folder)
    output = folder / OUTPUT
    output.rename(tmp_path / "elsewhere.csv")
    output.symlink_to(tmp_path / "elsewhere.csv")
    (folder / "task1" / "empty").mkdir()
    assert validate(folder, 2022, files=files) == [
        Fault(OUTPUT, None, "type", "a symbolic link", "a regular file", "is a symbolic link"),
        Fault(
            "task1/empty/",
            None,
            "stray folder",
            "a folder",
            "nothing else in the package",
            "is an empty folder",
        ),
    ]
