"""The files of a package, zipped or in a folder, read without ever writing one to disk."""

import contextlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from dssd_tf.challenge.fault import Fault
from dssd_tf.errors import PackageError

MAX_MEMBERS = 500
MAX_TOTAL_BYTES = 2**31
MAX_MEMBER_BYTES = 2**27

# What zipfile raises on archives that are damaged on purpose or by accident.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error)


@dataclass(frozen=True)
class Member:
    """A file of the package.

    Args:
        name: Relative to the package's top, with forward slashes.
        size: In bytes, as the archive or the file system claims.
        refused: Whether it is there but must not be read; its fault is told already.
    """

    name: str
    size: int
    refused: bool = False


class UnreadableError(Exception):
    """A member that cannot be read; the message says why."""


class Members:
    """The files of a package and its empty folders, with the faults of the container.

    `whole` is False where there are too many members, of which none is listed then.
    """

    def __init__(self, source: zipfile.ZipFile | Path):
        self._source = source
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._total = 0
        self.files: list[Member] = []
        self.folders: list[str] = []
        self.faults: list[Fault] = []
        self.whole = True
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
            with self._open(member) as file:
                # zipfile unpacks as much at a time as is asked for, whatever a member claims.
                data = file.read(member.size + 1)
        except OSError as error:
            reason = error.strerror or " ".join(str(error).split())
            raise UnreadableError(f"cannot be read ({reason})") from error
        except _DAMAGE as error:
            raise UnreadableError(f"is damaged ({' '.join(str(error).split())})") from error
        if len(data) != member.size:
            raise UnreadableError(f"does not hold the {member.size} bytes that it claims")
        return data

    def _open(self, member: Member) -> IO[bytes]:
        if isinstance(self._source, zipfile.ZipFile):
            return self._source.open(self._infos[member.name])
        return (self._source / member.name).open("rb")

    def _list_zip(self, archive: zipfile.ZipFile) -> None:
        infos = archive.infolist()
        if self._too_many(len(infos)):
            return
        for info in infos:
            # zipfile cuts names at a NUL and turns backslashes; judge what the archive says.
            if problem := _unsafe_name(info.orig_filename):
                self._refuse(info.orig_filename, "name", problem, "a path inside the package")
            elif info.filename in self._infos:
                self._refuse(info.filename, "name", "is in the archive twice", "each name once")
            else:
                self._infos[info.filename] = info
                self._add_info(info)

    def _add_info(self, info: zipfile.ZipInfo) -> None:
        name, refused = info.filename, True
        if stat.S_ISLNK(info.external_attr >> 16):
            self._refuse(name, "type", "is a symbolic link", "a regular file")
        elif info.flag_bits & 0x1:
            self._refuse(name, "encryption", "is encrypted", "a plain file")
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            reason = f"is compressed by method {info.compress_type}"
            self._refuse(name, "compression", reason, "stored or deflated")
        else:
            refused = self._too_large(name, info.file_size)
        if not info.is_dir():
            self.files.append(Member(name, info.file_size, refused))
        elif not refused:
            self.folders.append(name)

    def _list_folder(self, top: Path) -> None:
        def unreadable(error: OSError) -> None:
            name = Path(error.filename).relative_to(top).as_posix() + "/"
            self._refuse(name, "folder", f"cannot be read ({error.strerror})", "a readable folder")

        count = 0
        for folder, names, files in os.walk(top, onerror=unreadable, followlinks=False):
            here = Path(folder)
            count += len(names) + len(files)
            if self._too_many(count):
                return
            if not names and not files and here != top:
                self.folders.append(here.relative_to(top).as_posix() + "/")
            for name in sorted(names + files):
                self._add_path(top, here / name, name in files)

    def _add_path(self, top: Path, path: Path, is_file: bool) -> None:
        name, size, refused = path.relative_to(top).as_posix(), 0, True
        if problem := _unsafe_name(name):
            self._refuse(name, "name", problem, "a name that a zip archive can hold")
            return
        try:
            mode, size = path.lstat().st_mode, path.lstat().st_size
        except OSError as error:
            reason = f"cannot be read ({error.strerror})"
            self._refuse(name, "file", reason, "a readable file")
            mode = 0
        if stat.S_ISLNK(mode):
            self._refuse(name, "type", "is a symbolic link", "a regular file")
        elif not is_file:
            return
        elif stat.S_ISREG(mode):
            refused = self._too_large(name, size)
        elif mode:
            self._refuse(name, "type", "is not a regular file", "a regular file")
        self.files.append(Member(name, size, refused))

    def _too_many(self, count: int) -> bool:
        if count <= MAX_MEMBERS:
            return False
        self.files.clear()
        self.folders.clear()
        self.whole = False
        reason = f"holds {count} members or more, at most {MAX_MEMBERS} are read"
        self._refuse("the package", "members", reason, f"at most {MAX_MEMBERS}", str(count))
        return True

    def _too_large(self, name: str, size: int) -> bool:
        self._total += size
        if size > MAX_MEMBER_BYTES:
            reason = f"claims {size} bytes unpacked, more than a submission's file can have"
            self._refuse(name, "size", reason, f"at most {MAX_MEMBER_BYTES} bytes", f"{size} bytes")
        elif self._total > MAX_TOTAL_BYTES:
            reason = f"brings the package to {self._total} bytes unpacked"
            limit = f"at most {MAX_TOTAL_BYTES} bytes"
            self._refuse(name, "size", reason, limit, f"{self._total} bytes")
        else:
            return False
        return True

    def _refuse(
        self, name: str, field: str, reason: str, expected: str, found: str | None = None
    ) -> None:
        if found is None:
            found = name if field == "name" else reason.removeprefix("is ")
        self.faults.append(Fault(name, None, field, found, expected, reason))


def _unsafe_name(name: str) -> str | None:
    """Why a member's name must not be used, or None."""
    if not name.isprintable():
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
        PackageError: Nothing there, or something that is neither a folder nor a zip archive.
    """
    if os.path.isdir(path):  # noqa: PTH112 - pathlib raises on names that are too long
        yield Members(path)
        return
    require_file(path)
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PackageError(f"cannot be read ({reason})", path=path) from error
    except _DAMAGE as error:
        raise PackageError(
            f"is not a zip archive ({error})", path=path, fix="name a .zip, a .csv or a folder"
        ) from error
    with archive:
        yield Members(archive)


def require_file(path: Path) -> None:
    """Refuse what would never end, such as a named pipe.

    Raises:
        PackageError: Something is there that is not a regular file.
    """
    if os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113
        raise PackageError(
            "is not a regular file", path=path, fix="name a .zip, a .csv or a folder"
        )
