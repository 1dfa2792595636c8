"""Fetching one file over HTTP: resumed where it was cut, verified before it gets its name."""

import contextlib
import hashlib
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dssd_tf.data.download.patience import (
    TIMEOUT,
    Patience,
    Retryable,
    Stopped,
    check_status,
    with_patience,
)
from dssd_tf.errors import DataError

if TYPE_CHECKING:
    import requests

    from dssd_tf.data.download.record import RemoteFile

# What a cut loses at most: a block that is not full does not reach us.
_BLOCK = 1 << 15


class Transfer:
    """Fetches files with one connection.

    Args:
        session: The connection.
        advance: Called with the bytes gained, negative where some are thrown away.
        stop: Set to call the fetch off.
        patience: How failures are met.
    """

    def __init__(
        self,
        session: "requests.Session",
        advance: Callable[[int], object] = lambda count: None,
        stop: threading.Event | None = None,
        patience: Patience | None = None,
    ):
        self.session, self.advance = session, advance
        self.stop, self.patience = stop or threading.Event(), patience or Patience()

    def fetch(self, file: "RemoteFile", target: Path) -> None:
        """Fetch a file by way of `target`.part; a file that is there and right is left alone.

        Raises:
            DataError: It is not there, has another length or MD5 than expected, the connection
                fails again and again, or the disk is full.
            Stopped: It was called off.
        """
        if target.is_file() and self._is_right(file, target):
            self.advance(target.stat().st_size)
            return
        part = target.with_name(f"{target.name}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if file.size is None:
                # Nobody says how long it is: what is there cannot be trusted to be its beginning.
                part.unlink(missing_ok=True)
            self.advance(_size(part))
            self._complete(file, part)
            part.replace(target)
        except OSError as error:
            raise DataError(
                f"could not be written ({error.strerror or error})",
                path=part,
                fix="free some space, then run the same command again: it goes on from here",
            ) from error

    def _complete(self, file: "RemoteFile", part: Path) -> None:
        """Receive until the file is whole; once more from the start if its MD5 is wrong."""
        for last in (False, True):
            with_patience(
                lambda: self._receive(file, part),
                file.url,
                self.patience,
                progress=lambda: _size(part),
                stop=self.stop,
            )
            found = _md5(part, self.stop)
            if file.md5 is None or found == file.md5:
                return
            self._discard(part)
            if last:
                raise DataError(
                    f"has the MD5 {found}, expected {file.md5} (fetched twice)",
                    path=file.url,
                    fix="try again later, or fetch it by hand",
                )

    def _receive(self, file: "RemoteFile", part: Path) -> None:
        have = _size(part)
        if file.size is not None and have > file.size:
            self._discard(part)
            have = 0
        if have == file.size and have:
            return
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        with self.session.get(file.url, headers=headers, stream=True, timeout=TIMEOUT) as response:
            if response.status_code == 416:
                self._discard(part)
                raise Retryable("the server refuses to go on from where it was cut")
            check_status(response, file.url)
            start, total = _extent(response)
            if total is not None and file.size is not None and total != file.size:
                raise DataError(
                    f"is {total} bytes long, expected {file.size}",
                    path=file.url,
                    fix="try again later, or fetch it by hand",
                )
            if start != have:
                # A server without ranges sends all of it again.
                self._discard(part)
                if start:
                    raise Retryable(f"the server sends from byte {start}, asked for {have}")
            self._store(response, part, total if file.size is None else file.size)

    def _store(self, response: "requests.Response", part: Path, total: int | None) -> None:
        have = _size(part)
        with part.open("ab") as stream:
            for block in response.iter_content(_BLOCK):
                if self.stop.is_set():
                    raise Stopped
                stream.write(block)
                # So that a kill loses no more than a block.
                stream.flush()
                have += len(block)
                self.advance(len(block))
                if total is not None and have > total:
                    raise DataError(
                        f"sends more than the expected {total} bytes", path=response.url
                    )
        if total is not None and have < total:
            raise Retryable(f"the connection ended after {have} of {total} bytes")

    def _is_right(self, file: "RemoteFile", target: Path) -> bool:
        if file.size is not None and target.stat().st_size != file.size:
            return False
        return file.md5 is None or _md5(target, self.stop) == file.md5

    def _discard(self, part: Path) -> None:
        self.advance(-_size(part))
        part.unlink(missing_ok=True)


def _extent(response: "requests.Response") -> tuple[int, int | None]:
    """The first byte of the answer and the length of the whole file."""
    if response.status_code == 206:
        found = re.fullmatch(
            r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", "").strip()
        )
        if found is None:
            raise Retryable("the server sends a part without saying which")
        return int(found[1]), None if found[2] == "*" else int(found[2])
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None


def _size(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _md5(path: Path, stop: threading.Event) -> str:
    hasher = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            if stop.is_set():
                raise Stopped
            hasher.update(block)
    return hasher.hexdigest()
