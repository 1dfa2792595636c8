"""The record of a dataset in the archive: which files it has, how long, with which MD5."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dssd_tf.data.download.patience import (
    TIMEOUT,
    Patience,
    Retryable,
    check_status,
    with_patience,
)
from dssd_tf.data.known_dataset import KnownDataset
from dssd_tf.errors import DataError

if TYPE_CHECKING:
    import requests

_RECORDS = "https://zenodo.org/api/records"


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch.

    Args:
        name: Its base name.
        url: Where it lies.
        size: Bytes; None where nobody says.
        md5: Hexadecimal; None where nobody says.
    """

    name: str
    url: str
    size: int | None = None
    md5: str | None = None

    @property
    def is_list(self) -> bool:
        """Whether it is a single list, of which nobody tells size and MD5."""
        return self.md5 is None


def read_record(
    known: KnownDataset,
    session: "requests.Session",
    *,
    base_url: str | None = None,
    patience: Patience | None = None,
) -> list[RemoteFile]:
    """The archive files of a dataset, as its record lists them now.

    Args:
        known: The dataset; it must have a record.
        session: The connection.
        base_url: A mirror that takes the place of scheme and host in every address.
        patience: How often a failed request is tried again.

    Raises:
        DataError: No connection, no such record, or one that lists other files than the
            dataset's.
    """
    if known.record is None:
        raise DataError(f"{known.name} has no record in the archive")
    url = rebased(f"{_RECORDS}/{known.record.value}", base_url)
    values = with_patience(lambda: _get_json(session, url), url, patience or Patience(attempts=3))
    try:
        files = [_file(entry, base_url) for entry in values["files"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(
            f"the record cannot be understood ({type(error).__name__}: {error})",
            path=url,
            fix="the archive's interface may have changed: fetch the files by hand",
        ) from error
    strangers = [file.name for file in files if not file.name.startswith(known.folder.value)]
    if not files or len(strangers) == len(files):
        what = strangers[0] if strangers else "no files"
        raise DataError(
            f"record {known.record} holds {what}, expected {known.folder.value}.*",
            path=url,
            fix="the number of the record is wrong: fetch the files by hand and report it",
        )
    return [file for file in files if file.name not in strangers]


def list_files(known: KnownDataset, *, base_url: str | None = None) -> list[RemoteFile]:
    """The single lists of a dataset, `evaluation_setup/<name>.csv`, that lie on their own."""
    if known.list_url is None:
        return []
    names = [name for name in known.lists if re.fullmatch(r"split\d+|test", name)]
    url = known.list_url.value
    return [RemoteFile(f"{name}.csv", rebased(url.format(list=name), base_url)) for name in names]


def rebased(url: str, base_url: str | None) -> str:
    """`url` with scheme and host replaced by `base_url`, which may have a path of its own."""
    if base_url is None:
        return url
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return base_url.rstrip("/") + parts.path + query


def _get_json(session: "requests.Session", url: str) -> Any:
    response = session.get(url, timeout=TIMEOUT, headers={"Accept": "application/json"})
    check_status(response, url)
    try:
        return response.json()
    except ValueError as error:
        # Also what a proxy's log-in page looks like.
        raise Retryable("the answer is not JSON") from error


def _file(entry: dict[str, Any], base_url: str | None) -> RemoteFile:
    name, kind = str(entry["key"]), str(entry["checksum"])
    if not re.fullmatch(r"[\w.+ -]+", name) or name.startswith("."):
        raise ValueError(f"the file name {name!r} is not plain")
    if not re.fullmatch(r"md5:[0-9a-f]{32}", kind):
        raise ValueError(f"the checksum {kind!r} is not of the form md5:…")
    return RemoteFile(
        name, rebased(str(entry["links"]["self"]), base_url), int(entry["size"]), kind[4:]
    )
