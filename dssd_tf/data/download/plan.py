"""What a download will do: the files, what is there already, the space it takes."""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dssd_tf.data.download.patience import Patience
from dssd_tf.data.download.record import RemoteFile, list_files, read_record
from dssd_tf.data.known_dataset import KnownDataset
from dssd_tf.data.tables import read_table
from dssd_tf.errors import DataError, DssdError
from dssd_tf.files import read_json
from dssd_tf.progress import warn

if TYPE_CHECKING:
    import requests

ARCHIVES = "archives"
STATE = ".download"

# Zipped 24-bit audio is about a tenth smaller than the recordings.
_UNPACKED = 1.25


@dataclass(frozen=True)
class DownloadPlan:
    """What a download will do.

    Args:
        known: The dataset.
        root: The dataset's folder.
        files: Archives and lists, whole or not.
        done: Names of those that are unpacked or in place.
        missing_bytes: Bytes still to fetch.
        needed_bytes: Free space it takes at most, in bytes, estimated.
        free_bytes: Free space there is.
    """

    known: KnownDataset
    root: Path
    files: list[RemoteFile]
    done: frozenset[str]
    missing_bytes: int
    needed_bytes: int
    free_bytes: int

    @property
    def total_bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.size or 0 for file in self.files)

    @property
    def todo(self) -> list[RemoteFile]:
        """The files that are not done."""
        return [file for file in self.files if file.name not in self.done]


def plan_download(
    known: KnownDataset,
    root: Path | str,
    *,
    base_url: str | None = None,
    jobs: int = 2,
    keep_archives: bool = False,
    patience: Patience | None = None,
) -> DownloadPlan:
    """Ask the archive what there is and look at what is in the folder already.

    Args:
        known: The dataset.
        root: The dataset's folder; it need not exist.
        base_url: A mirror that takes the place of scheme and host in every address.
        jobs: Files fetched at once.
        keep_archives: Keep the zip files.
        patience: How failed requests are met.

    Raises:
        DataError: The dataset has no known address, there is no connection, or the record is not
            the dataset's.
    """
    root = Path(root)
    if known.record is None and known.list_url is None:
        raise DataError(f"nobody told where {known.name} lies", fix="fetch it by hand")
    files = list_files(known, base_url=base_url)
    if known.record is not None:
        with new_session() as session:
            files += read_record(known, session, base_url=base_url, patience=patience)
    _compare_md5(known, files)
    done = frozenset(file.name for file in files if _is_done(known, root, file))
    todo = [file for file in files if file.name not in done]
    missing = sum(_missing(root, file) for file in todo)
    sizes = sorted((file.size or 0 for file in todo), reverse=True)
    unpacked = round(_UNPACKED * sum(sizes))
    # Each archive is deleted once it is unpacked; only those at work lie there beside.
    held = missing if keep_archives else min(missing, sum(sizes[:jobs]))
    return DownloadPlan(known, root, files, done, missing, unpacked + held, _free(root))


def _is_done(known: KnownDataset, root: Path, file: RemoteFile) -> bool:
    if file.is_list:
        return is_whole_list(known, root / "evaluation_setup" / file.name)
    with contextlib.suppress(DssdError):
        return bool(read_json(marker(root, file)) == {"md5": file.md5, "size": file.size})
    return False


def is_whole_list(known: KnownDataset, path: Path) -> bool:
    """Whether a list is there and has as many clips as is known."""
    with contextlib.suppress(DataError):
        table = read_table(path, ["filename", "scene_label"])
        return len(table) == known.lists[path.stem].clips.value
    return False


def _missing(root: Path, file: RemoteFile) -> int:
    archive = root / ARCHIVES / file.name
    for path in (archive, archive.with_name(f"{archive.name}.part")):
        if path.is_file():
            return max(0, (file.size or 0) - path.stat().st_size)
    return file.size or 0


def _compare_md5(known: KnownDataset, files: list[RemoteFile]) -> None:
    published = known.archives.value if known.archives else {}
    for file in files:
        other = published.get(file.name)
        if other is not None and file.md5 != other:
            warn(
                f"{file.name}: the record says MD5 {file.md5}, {other} was published elsewhere; "
                "the record counts"
            )


def marker(root: Path, file: RemoteFile) -> Path:
    """What tells that a file was unpacked."""
    return root / STATE / f"{file.name}.json"


def _free(root: Path) -> int:
    place = root.absolute()
    while not place.is_dir():
        place = place.parent
    return shutil.disk_usage(place).free


def new_session() -> "requests.Session":
    """A connection that says who asks."""
    import requests

    from dssd_tf.version import __version__

    session = requests.Session()
    session.headers["User-Agent"] = f"dssd_tf/{__version__}"
    return session
