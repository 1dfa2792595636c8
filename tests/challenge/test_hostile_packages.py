"""Archives and folders made to do harm: an answer soon, in bounded memory, and nothing written."""

import os
import stat
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dssd_tf.challenge import Fault, validate
from dssd_tf.challenge.members import MAX_MEMBER_BYTES, MAX_MEMBERS
from dssd_tf.errors import PackageError

LABEL = "Doe_EXAMPLE_task1_1"
OUTPUT = f"task1/{LABEL}/{LABEL}.output.csv"
META = f"task1/{LABEL}/{LABEL}.meta.yaml"
# Seconds of computing: an answer takes tenths of one, what is not bounded would take minutes.
SECONDS = 10.0


@pytest.fixture(autouse=True)
def untouched(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Call it when the hostile files are there: nothing may come or go after that."""
    before: list[list[Path]] = []

    def listing() -> list[Path]:
        return sorted(tmp_path.parent.rglob("*"))

    yield lambda: before.append(listing())
    assert all(listing() == names for names in before)


@pytest.fixture
def soon(untouched: Callable[[], None], files: list[str]) -> Callable[[Path], list[Fault]]:
    """The faults, which must come soon, few, and safe to print."""

    def soon(path: Path) -> list[Fault]:
        untouched()
        start = time.process_time()
        faults = validate(path, 2022, files=files)
        assert time.process_time() - start < SECONDS
        assert len(faults) < 100
        for fault in faults:
            line = fault.in_full()
            assert line.isprintable() and len(line) < 1200
        return faults

    return soon


def _append(package: Path, name: str, data: bytes = b"x", mode: int = 0o100644) -> None:
    with zipfile.ZipFile(package, "a") as archive:
        info = zipfile.ZipInfo("placeholder")
        info.filename = info.orig_filename = name
        info.external_attr = mode << 16
        archive.writestr(info, data)


def _patch_central(package: Path, name: str, offset: int, value: bytes) -> None:
    """Overwrite bytes of a member's record in the central directory."""
    data = bytearray(package.read_bytes())
    position = data.rindex(b"PK\x01\x02", 0, data.rindex(name.encode()))
    data[position + offset : position + offset + len(value)] = value
    package.write_bytes(bytes(data))


def _told(faults: list[Fault]) -> list[tuple[str, str]]:
    return [(fault.file, fault.field) for fault in faults]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../escape.txt", "leads out"),
        ("task1/../../escape.txt", "leads out"),
        ("/etc/escape.txt", "absolute name"),
        ("C:/escape.txt", "absolute name"),
        ("..\\escape.txt", "backslash"),
        ("task1//escape.txt", "empty part"),
        ("task1/./escape.txt", "empty part"),
        ("task1/\x1b[31m.txt", "control characters"),
        ("task1/a\nb.txt", "control characters"),
        ("task1/\u202etxt.exe", "control characters"),
        ("task1/a\x00.txt", "control characters"),
    ],
)
def test_a_name_that_leads_out_or_deceives_is_refused(
    make_package: Callable[[int], Path],
    soon: Callable[[Path], list[Fault]],
    name: str,
    reason: str,
) -> None:
    package = make_package(2022)
    _append(package, name)
    (fault,) = soon(package)
    assert fault.field == "name"
    assert reason in fault.message


def test_a_symbolic_link_is_refused(
    make_package: Callable[[int], Path], soon: Callable[[Path], list[Fault]]
) -> None:
    package = make_package(2022)
    _append(package, "task1/link", b"/etc/hostname", stat.S_IFLNK | 0o777)
    assert _told(soon(package)) == [("task1/link", "type")]


def test_a_name_twice_is_refused_and_the_first_is_judged(
    make_package: Callable[[int], Path], soon: Callable[[Path], list[Fault]]
) -> None:
    package = make_package(2022)
    with pytest.warns(UserWarning, match="Duplicate name"):
        _append(package, OUTPUT)
    (fault,) = soon(package)
    assert (fault.file, fault.message) == (OUTPUT, "is in the archive twice")


def test_overlapping_members_are_refused(
    make_package: Callable[[int], Path], soon: Callable[[Path], list[Fault]]
) -> None:
    package = make_package(2022)
    with zipfile.ZipFile(package) as archive:
        offset = archive.getinfo(META).header_offset
    _patch_central(package, OUTPUT, 42, struct.pack("<I", offset))
    (fault,) = soon(package)
    assert _told([fault]) == [(OUTPUT, "file")]
    assert "is damaged" in fault.message


@pytest.mark.parametrize("offset", [16, 42], ids=["checksum", "place"])
def test_a_damaged_member_is_a_fault(
    make_package: Callable[[int], Path], soon: Callable[[Path], list[Fault]], offset: int
) -> None:
    package = make_package(2022)
    _patch_central(package, OUTPUT, offset, b"\x11\0\0\0")
    assert _told(soon(package)) == [(OUTPUT, "file")]


def test_a_member_that_claims_10_gb_is_refused_unread(
    make_package: Callable[[int], Path], soon: Callable[[Path], list[Fault]]
) -> None:
    package = make_package(2022)
    with zipfile.ZipFile(package, "a") as archive:
        archive.writestr("task1/large.bin", b"x")
        archive.filelist[-1].file_size = 10 * 2**30
    with zipfile.ZipFile(package) as archive:
        assert archive.getinfo("task1/large.bin").file_size == 10 * 2**30
    (fault,) = soon(package)
    assert _told([fault]) == [("task1/large.bin", "size")]
    assert fault.found == "10737418240 bytes"


def test_many_members_that_are_large_together_are_refused(
    make_package: Callable[[int], Path], soon: Callable[[Path], list[Fault]]
) -> None:
    package = make_package(2022)
    with zipfile.ZipFile(package, "a") as archive:
        for number in range(17):
            archive.writestr(f"task1/{number:02}.bin", b"x")
            archive.filelist[-1].file_size = MAX_MEMBER_BYTES
    refused = [fault for fault in soon(package) if fault.field == "size"]
    assert [fault.file for fault in refused] == ["task1/15.bin", "task1/16.bin"]


@pytest.fixture(scope="module")
def bomb(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A real one: more than a file may have, in some hundred kilobytes."""
    package = tmp_path_factory.mktemp("bomb") / "bomb.zip"
    with (
        zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(OUTPUT, "w") as file,
    ):
        block = bytes(2**20)
        for _ in range(MAX_MEMBER_BYTES // 2**20 + 1):
            file.write(block)
    assert package.stat().st_size < 2**20
    return package.read_bytes()


@pytest.mark.parametrize("claim", [None, 1000], ids=["honest", "with a small size claimed"])
def test_a_bomb_is_not_unpacked(
    bomb: bytes, soon: Callable[[Path], list[Fault]], tmp_path: Path, claim: int | None
) -> None:
    package = tmp_path / "bomb.zip"
    package.write_bytes(bomb)
    if claim:
        _patch_central(package, OUTPUT, 24, struct.pack("<I", claim))
    tracemalloc.start()
    try:
        faults = soon(package)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * 2**20
    mine = [fault for fault in faults if fault.file == OUTPUT]
    assert [fault.field for fault in mine] == ["file" if claim else "size"]
    assert ("damaged" if claim else "claims") in mine[0].message


def test_an_archive_in_the_archive_is_not_opened(
    make_package: Callable[[int], Path], bomb: bytes, soon: Callable[[Path], list[Fault]]
) -> None:
    package = make_package(2022)
    _append(package, "task1/inner.zip", bomb)
    assert _told(soon(package)) == [("task1/inner.zip", "stray file")]


def test_an_encrypted_member_is_refused(
    make_package: Callable[[int], Path], soon: Callable[[Path], list[Fault]]
) -> None:
    package = make_package(2022)
    _patch_central(package, OUTPUT, 8, struct.pack("<H", 1))
    assert _told(soon(package)) == [(OUTPUT, "encryption")]


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, 99])
def test_an_unusual_compression_is_refused(
    make_package: Callable[[int], Path], soon: Callable[[Path], list[Fault]], method: int
) -> None:
    package = make_package(2022)
    _patch_central(package, OUTPUT, 10, struct.pack("<H", method))
    assert _told(soon(package)) == [(OUTPUT, "compression")]


def test_10000_members_are_refused(tmp_path: Path, soon: Callable[[Path], list[Fault]]) -> None:
    package = tmp_path / "many.zip"
    with zipfile.ZipFile(package, "w") as archive:
        for number in range(10_000):
            archive.writestr(f"task1/{number}.txt", b"")
    (fault,) = soon(package)
    assert (fault.field, fault.found) == ("members", "10000")


def test_a_folder_of_many_files_is_refused(
    tmp_path: Path, soon: Callable[[Path], list[Fault]]
) -> None:
    folder = tmp_path / "package" / "task1"
    folder.mkdir(parents=True)
    for number in range(MAX_MEMBERS + 1):
        (folder / str(number)).touch()
    assert [fault.field for fault in soon(folder.parent)] == ["members"]


def test_names_in_a_folder_are_never_printed_raw(
    make_package: Callable[[int], Path], soon: Callable[[Path], list[Fault]], tmp_path: Path
) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(make_package(2022)) as archive:
        archive.extractall(folder)
    odd = [b"\x1b[31mred", b"a\nb", b"not\xffUTF-8", b"back\\slash"]
    for name in odd:
        Path(os.fsdecode(bytes(folder / "task1") + b"/" + name)).touch()
    os.mkfifo(folder / "task1" / "pipe")
    faults = soon(folder)
    assert [fault.field for fault in faults].count("name") == len(odd)
    assert ("task1/pipe", "type") in _told(faults)
    assert len(faults) == len(odd) + 1


@pytest.fixture
def golden(make_package: Callable[[int], Path]) -> tuple[Path, bytes]:
    """A package, made once for all examples, and its bytes."""
    package = make_package(2022)
    return package, package.read_bytes()


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), min_size=1, max_size=4))
@example(changes=[(0.5, b"\xff" * 6)])
def test_any_damage_gives_faults_or_one_error(
    golden: tuple[Path, bytes], files: list[str], changes: list[tuple[float, bytes]]
) -> None:
    package, whole = golden
    data = bytearray(whole)
    # Half of the places are in the last kilobyte, most of which is the archive's directory.
    for share, new in changes:
        place = int(share * 2 * len(data)) if share < 0.5 else int(len(data) - (1 - share) * 2048)
        data[place : place + len(new)] = new
    package.write_bytes(data)
    try:
        faults = validate(package, 2022, files=files)
    except PackageError as error:
        assert str(package) in str(error)
    else:
        assert all(fault.in_full().isprintable() for fault in faults)
