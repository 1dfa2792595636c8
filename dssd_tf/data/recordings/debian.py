"""Recordings that Debian packages carry."""

import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from dssd_tf.data.recordings.manifest import read_manifest
from dssd_tf.data.recordings.recording import Recording
from dssd_tf.errors import DataError
from dssd_tf.files import atomic_path
from dssd_tf.progress import bar

_TOOLS = ("apt-get", "dpkg-deb")
_INSIDE = "!"


def fetch_recordings(manifest: Path, folder: Path) -> list[Recording]:
    """Fetch the packages of a table with apt and unpack the recordings that it lists.

    Packages that lie in the folder already are not fetched again. Nothing is installed, and no
    rights are needed.

    Args:
        manifest: As `read_manifest` takes it, with the columns `package` and `version` too;
            `path` is inside the package, ``archive!member`` inside a zip archive of it.
        folder: Where packages and recordings are kept.

    Returns:
        The recordings, with the places of the unpacked files, and package, version and path as
        their source.

    Raises:
        DataError: The table is no such table, apt or dpkg are missing, a package cannot be fetched
            or lacks a file.
    """
    recordings = read_manifest(manifest, folder)
    table = pd.read_csv(manifest, dtype=str, keep_default_na=False)
    for name in ("package", "version"):
        if name not in table.columns:
            raise DataError(f"lacks the column {name!r}", path=manifest)
    for tool in _TOOLS:
        if shutil.which(tool) is None:
            raise DataError(f"{tool} is not on this machine", fix="use a Debian or Ubuntu system")
    found: list[Recording] = []
    packages = list(zip(table["package"], table["version"], strict=True))
    with bar("packages", len(set(packages))) as advance:
        for package, version in dict.fromkeys(packages):
            unpacked = _unpacked(package, version, folder)
            advance(1, package)
            for recording, own, path in zip(recordings, packages, table["path"], strict=True):
                if own == (package, version):
                    place = _place(unpacked, path, folder / "members" / package)
                    source = f"Debian package {package} {version}, {path}"
                    found.append(replace(recording, path=place, source=source))
    return found


def _unpacked(package: str, version: str, folder: Path) -> Path:
    """The folder of a package's files."""
    target = folder / f"{package}_{version}"
    if not target.is_dir():
        with atomic_path(target) as part:
            part.mkdir(parents=True)
            _run(["apt-get", "download", f"{package}={version}"], part)
            (file,) = part.glob("*.deb")
            _run(["dpkg-deb", "-x", file.name, "."], part)
            file.unlink()
    return target


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith(("E:", "dpkg"))]
        reason = " ".join((lines or ["no reason was given"])[-1].split())
        raise DataError(
            f"`{' '.join(command)}` failed: {reason}",
            fix="run `apt-get update`; a package of another version has other recordings",
        )


def _place(package: Path, path: str, members: Path) -> Path:
    """The file that `path` names; a member of an archive is taken out."""
    archive, inside, member = path.partition(_INSIDE)
    file = package / archive
    if not file.is_file():
        raise DataError("is not in the package", path=file)
    if not inside:
        return file
    target = members / Path(member).name
    if not target.is_file():
        try:
            with zipfile.ZipFile(file) as content, atomic_path(target) as part:
                part.write_bytes(content.read(member))
        except (KeyError, zipfile.BadZipFile) as error:
            raise DataError(f"holds no {member} that can be read", path=file) from error
    return target
