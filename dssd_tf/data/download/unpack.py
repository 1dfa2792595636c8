"""Unpacking a dataset's zip files: nothing outside the folder, and on again after a kill."""

import os
import shutil
import stat
import threading
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from dssd_tf.data.download.patience import Stopped
from dssd_tf.errors import DataError

_BLOCK = 1 << 20


def unpack(
    archive: Path, root: Path, *, folder: str = "", stop: threading.Event | None = None
) -> int:
    """Unpack a zip file into `root`; returns the number of files it holds.

    Each file appears under its name only when it is whole. One that is there with the right
    length and checksum is left alone, so that an unpacking that was killed goes on. The junk that
    macOS adds to archives is left out.

    Args:
        archive: The zip file.
        root: Where to.
        folder: The folder that all files of the archive lie in; it is taken off their names.
        stop: Set to call it off.

    Raises:
        DataError: It is no zip file or damaged; a name leads out of `root`, is a link or
            encrypted (nothing is written then); or the disk is too small.
        Stopped: It was called off.
    """
    stop = stop or threading.Event()
    try:
        with zipfile.ZipFile(archive) as bundle:
            members = _members(bundle, archive, folder)
            _require_space(members, archive, root)
            for info, name in members:
                _write(bundle, info, root / name, archive.stem, stop)
            return len(members)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise DataError(
            f"cannot be unpacked ({error})", path=archive, fix="delete it and download it again"
        ) from error
    except OSError as error:
        raise DataError(
            f"could not be unpacked ({error.strerror or error})",
            path=root,
            fix="free some space, then run the same command again: it goes on from here",
        ) from error


def _members(
    bundle: zipfile.ZipFile, archive: Path, folder: str
) -> list[tuple[zipfile.ZipInfo, str]]:
    """The files and their names beneath the target, all checked before the first is written."""
    infos = [info for info in bundle.infolist() if not info.is_dir() and not _is_junk(info)]
    for info in infos:
        problem = _problem(info)
        if problem:
            raise DataError(
                f"holds {info.orig_filename[:80]!r}, {problem}; nothing was unpacked",
                path=archive,
                fix="do not trust this file: delete it",
            )
    prefix = f"{folder}/"
    if folder and all(info.filename.startswith(prefix) for info in infos):
        return [(info, info.filename[len(prefix) :]) for info in infos]
    return [(info, info.filename) for info in infos]


def _problem(info: zipfile.ZipInfo) -> str:
    # The name as it is written in the file; zipfile itself cuts it at a null.
    name, path = info.orig_filename, PurePosixPath(info.orig_filename)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or ":" in name:
        return "which leads out of the folder"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "which is a link"
    if info.flag_bits & 1:
        return "which is encrypted"
    return ""


def _is_junk(info: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(info.filename).parts
    return bool(parts) and (parts[0] == "__MACOSX" or parts[-1] == ".DS_Store")


def _require_space(members: list[tuple[zipfile.ZipInfo, str]], archive: Path, root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    there = sum(_length(root / name) for _, name in members)
    wanted = sum(info.file_size for info, _ in members) - there
    free = shutil.disk_usage(root).free
    if wanted > free:
        raise DataError(
            f"unpacks to {wanted:,} bytes more, {free:,} are free",
            path=archive,
            fix="free some space, then run the same command again",
        )


def _write(
    bundle: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, mark: str, stop: threading.Event
) -> None:
    if _length(target) == info.file_size and target.is_file() and _crc(target) == info.CRC:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{mark}.part")
    try:
        with bundle.open(info) as source, part.open("wb") as stream:
            while block := source.read(_BLOCK):
                if stop.is_set():
                    raise Stopped
                stream.write(block)
        os.replace(part, target)  # noqa: PTH105
    finally:
        part.unlink(missing_ok=True)


def _length(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _crc(path: Path) -> int:
    value = 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            value = zlib.crc32(block, value)
    return value
