"""The files of a package, zipped or in a folder, read without ever writing one to disk."""

import contextlib
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dssd_tf.challenge.fault import Fault, show
from dssd_tf.errors import PackageError

MAX_MEMBERS = 500
MAX_TOTAL_BYTES = 2**31
MAX_MEMBER_BYTES = 2**27


@dataclass(frozen=True)
class Member:
    """A file of the package, its name relative to the package's top with forward slashes."""

    name: str
    size: int


class UnreadableError(Exception):
    """A member that cannot be read; the message says why."""


class Members:
    """The files of a package and its empty folders, with the faults of the container."""

    def __init__(self, source: zipfile.ZipFile | Path):
        self._source = source
        self.files: list[Member] = []
        self.folders: list[str] = []
        self.faults: list[Fault] = []
        if isinstance(source, zipfile.ZipFile):
            self._list_zip(source)
        else:
            self._list_folder(source)

    def read(self, member: Member) -> bytes:
        """The member's bytes, at most `MAX_MEMBER_BYTES`.

        Raises:
            UnreadableError: Damaged, or not what the directory of the archive says.
        """
        try:
            if isinstance(self._source, zipfile.ZipFile):
                with self._source.open(member.name) as file:
                    data = file.read(MAX_MEMBER_BYTES + 1)
            else:
                with (self._source / member.name).open("rb") as file:
                    data = file.read(MAX_MEMBER_BYTES + 1)
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            raise UnreadableError(" ".join(str(error).split())) from error
        if len(data) > MAX_MEMBER_BYTES:
            raise UnreadableError(f"holds more than {MAX_MEMBER_BYTES} bytes")
        return data

    def _list_zip(self, archive: zipfile.ZipFile) -> None:
        infos = archive.infolist()
        if self._too_many(len(infos)):
            return
        seen: set[str] = set()
        total = 0
        for info in infos:
            # zipfile cuts names at a NUL and turns backslashes; judge what the archive says.
            problem = _unsafe_name(info.orig_filename)
            mode = info.external_attr >> 16
            total += info.file_size
            if problem:
                self._refuse(info.orig_filename, "name", problem, "a path inside the package")
            elif stat.S_ISLNK(mode):
                self._refuse(info.filename, "type", "is a symbolic link", "a regular file")
            elif info.flag_bits & 0x1:
                self._refuse(info.filename, "encryption", "is encrypted", "a plain file")
            elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                reason = f"is compressed by method {info.compress_type}"
                self._refuse(info.filename, "compression", reason, "stored or deflated")
            elif info.filename in seen:
                self._refuse(info.filename, "name", "is in the archive twice", "each name once")
            elif info.file_size > MAX_MEMBER_BYTES or total > MAX_TOTAL_BYTES:
                self._too_large(info.filename, info.file_size)
            elif info.is_dir():
                self.folders.append(info.filename)
            else:
                self.files.append(Member(info.filename, info.file_size))
            seen.add(info.filename)

    def _list_folder(self, top: Path) -> None:
        count = 0
        for folder, names, files in os.walk(top, followlinks=False):
            here = Path(folder)
            count += len(names) + len(files)
            if self._too_many(count):
                return
            if not names and not files and here != top:
                self.folders.append(here.relative_to(top).as_posix() + "/")
            for name in sorted(names + files):
                self._add_path(top, here / name, name in files)

    def _add_path(self, top: Path, path: Path, is_file: bool) -> None:
        name = path.relative_to(top).as_posix()
        if path.is_symlink():
            self._refuse(name, "type", "is a symbolic link", "a regular file")
        elif not is_file:
            return
        elif not path.is_file():
            self._refuse(name, "type", "is not a regular file", "a regular file")
        elif (size := path.stat().st_size) > MAX_MEMBER_BYTES:
            self._too_large(name, size)
        else:
            self.files.append(Member(name, size))

    def _too_many(self, count: int) -> bool:
        if count <= MAX_MEMBERS:
            return False
        self.files.clear()
        self._refuse("", "members", f"holds {count} members, at most {MAX_MEMBERS} are read", "")
        return True

    def _too_large(self, name: str, size: int) -> None:
        reason = f"claims {size} bytes unpacked, more than a submission's file can have"
        self._refuse(name, "size", reason, f"at most {MAX_MEMBER_BYTES} bytes")

    def _refuse(self, name: str, field: str, reason: str, expected: str) -> None:
        self.faults.append(Fault(show(name, 200), None, field, show(name), expected, reason))


def _unsafe_name(name: str) -> str | None:
    """Why a member's name must not be used, or None."""
    if not name.isprintable() or "\x00" in name:
        return "has a name with control characters"
    if "\\" in name:
        return "has a name with a backslash"
    path = PurePosixPath(name)
    if path.is_absolute() or ":" in name:
        return "has an absolute name"
    if ".." in path.parts:
        return "has a name that leads out of the package"
    if not path.parts or "//" in name or "." in name.split("/"):
        return "has a name with an empty part"
    return None


@contextlib.contextmanager
def open_members(path: Path) -> Iterator[Members]:
    """The members of a zip archive or of an unpacked package's folder.

    Raises:
        PackageError: Nothing there, or a file that is not a zip archive.
    """
    if path.is_dir():
        yield Members(path)
        return
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PackageError(f"cannot be read ({reason})", path=path) from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise PackageError(
            f"is not a zip archive ({error})", path=path, fix="name a .zip, a .csv or a folder"
        ) from error
    with archive:
        yield Members(archive)
