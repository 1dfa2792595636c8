import stat
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.challenge import Fault, validate
from dssd_tf.challenge.members import MAX_MEMBER_BYTES
from dssd_tf.errors import PackageError

OUTPUT = "task1/Doe_EXAMPLE_task1_1/Doe_EXAMPLE_task1_1.output.csv"


def _append(package: Path, name: str, data: bytes = b"x", mode: int = 0o100644) -> None:
    with zipfile.ZipFile(package, "a") as archive:
        info = zipfile.ZipInfo("placeholder")
        info.filename = info.orig_filename = name
        info.external_attr = mode << 16
        archive.writestr(info, data)


def _faults_of(faults: list[Fault], field: str) -> str:
    return "\n".join(str(fault) for fault in faults if fault.field == field)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../escape.txt", "leads out"),
        ("task1/../../escape.txt", "leads out"),
        ("/etc/escape.txt", "absolute name"),
        ("C:/escape.txt", "absolute name"),
        ("..\\escape.txt", "backslash"),
        ("task1//escape.txt", "empty part"),
        ("task1/\x1b[31m.txt", "control characters"),
    ],
)
def test_a_name_that_leads_out_is_refused_and_nothing_is_written(
    make_package: Callable[[int], Path], files: list[str], tmp_path: Path, name: str, reason: str
) -> None:
    package = make_package(2022)
    _append(package, name)
    before = sorted(tmp_path.parent.rglob("*"))
    faults = validate(package, 2022, files=files)
    assert reason in _faults_of(faults, "name")
    assert all(str(fault).isprintable() for fault in faults)
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_a_symbolic_link_is_refused(make_package: Callable[[int], Path], files: list[str]) -> None:
    package = make_package(2022)
    _append(package, "task1/link", b"/etc/hostname", stat.S_IFLNK | 0o777)
    assert "symbolic link" in _faults_of(validate(package, 2022, files=files), "type")


def test_a_name_twice_is_refused(make_package: Callable[[int], Path], files: list[str]) -> None:
    package = make_package(2022)
    with pytest.warns(UserWarning, match="Duplicate name"):
        _append(package, OUTPUT)
    assert "twice" in _faults_of(validate(package, 2022, files=files), "name")


def _patch_central(package: Path, name: str, offset: int, value: bytes) -> None:
    """Overwrite bytes of a member's record in the central directory."""
    data = bytearray(package.read_bytes())
    position = data.rindex(b"PK\x01\x02", 0, data.rindex(name.encode()))
    data[position + offset : position + offset + len(value)] = value
    package.write_bytes(bytes(data))


def test_a_huge_claimed_size_is_refused_unread(
    make_package: Callable[[int], Path], files: list[str]
) -> None:
    package = make_package(2022)
    _patch_central(package, OUTPUT, 24, struct.pack("<I", 0xFFFFFFF0))
    start = time.monotonic()
    faults = validate(package, 2022, files=files)
    assert time.monotonic() - start < 2
    assert "claims 4294967280 bytes" in _faults_of(faults, "size")


def test_a_bomb_is_refused_unread(
    make_package: Callable[[int], Path], files: list[str], tmp_path: Path
) -> None:
    package = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(OUTPUT, "w") as file,
    ):
        block = bytes(2**20)
        for _ in range(MAX_MEMBER_BYTES // 2**20 + 1):
            file.write(block)
    start = time.monotonic()
    faults = validate(package, 2022, files=files)
    assert time.monotonic() - start < 2
    assert "claims" in _faults_of(faults, "size")


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    package = tmp_path / "many.zip"
    with zipfile.ZipFile(package, "w") as archive:
        for number in range(3000):
            archive.writestr(f"task1/{number}.txt", b"")
    assert "3000 members" in _faults_of(validate(package, 2022), "members")


def test_an_encrypted_member_is_refused(
    make_package: Callable[[int], Path], files: list[str]
) -> None:
    package = make_package(2022)
    _patch_central(package, OUTPUT, 8, struct.pack("<H", 1))
    assert "encrypted" in _faults_of(validate(package, 2022, files=files), "encryption")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_unusual_compression_is_refused(
    make_package: Callable[[int], Path], files: list[str], method: int
) -> None:
    package = make_package(2022)
    _patch_central(package, OUTPUT, 10, struct.pack("<H", method))
    assert "compressed by method" in _faults_of(validate(package, 2022, files=files), "compression")


def test_a_damaged_member_is_a_fault(make_package: Callable[[int], Path], files: list[str]) -> None:
    package = make_package(2022)
    _patch_central(package, OUTPUT, 16, b"\0\0\0\0")
    faults = validate(package, 2022, files=files)
    assert [(fault.file, fault.field) for fault in faults] == [(OUTPUT, "file")]
    assert "Bad CRC" in faults[0].message


def test_a_file_that_is_no_zip_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "package.zip"
    with pytest.raises(PackageError, match="cannot be read"):
        validate(path, 2022)
    path.write_bytes(b"no zip")
    with pytest.raises(PackageError, match="not a zip archive"):
        validate(path, 2022)


def test_an_unpacked_package_is_read_in_place_and_links_are_refused(
    make_package: Callable[[int], Path], files: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(make_package(2022)) as archive:
        archive.extractall(folder)
    assert validate(folder, 2022, files=files) == []
    (folder / "task1" / "link").symlink_to("/etc/hostname")
    (folder / "task1" / "empty").mkdir()
    faults = validate(folder, 2022, files=files)
    assert "symbolic link" in _faults_of(faults, "type")
    assert "task1/empty/" in _faults_of(faults, "stray file")
