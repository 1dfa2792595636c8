import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.data.download.patience import Patience, Stopped
from dssd_tf.data.download.record import RemoteFile
from dssd_tf.data.download.transfer import Transfer
from dssd_tf.data.known_dataset import KnownDataset
from dssd_tf.errors import DataError

Get = Callable[..., None]
Refused = Callable[..., str]
Written = Callable[[Path], dict[str, bytes]]


def test_a_complete_archive_of_other_content_is_fetched_again(
    known: KnownDataset, server: Any, tmp_path: Path, get: Get, written: Written, small: Any
) -> None:
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / small.audio).write_bytes(b"x" * len(server.files[small.audio]))
    get(known, server, tmp_path)
    assert written(tmp_path) == small.content


def test_a_cut_connection_is_resumed(
    known: KnownDataset, server: Any, tmp_path: Path, get: Get, written: Written, small: Any
) -> None:
    server.behaviours[small.audio] = ["cut:200000", "cut:100000"]
    get(known, server, tmp_path)
    first, *asked = [wanted for name, wanted in server.fetched() if name == small.audio]
    # Up to a block of what came before a cut is lost.
    second, third = (int(wanted.removeprefix("bytes=").removesuffix("-")) for wanted in asked)
    assert first == ""
    assert 160_000 < second <= 200_000
    assert 60_000 < third - second <= 100_000
    assert written(tmp_path) == small.content


def test_a_server_without_ranges_sends_all_of_it_again(
    known: KnownDataset, server: Any, tmp_path: Path, get: Get, written: Written, small: Any
) -> None:
    server.behaviours[small.audio] = ["cut:200000", "no-range"]
    get(known, server, tmp_path)
    assert written(tmp_path) == small.content
    assert len(server.fetched()) == 3


def test_a_part_of_something_else_is_thrown_away(
    known: KnownDataset, server: Any, tmp_path: Path, get: Get, written: Written, small: Any
) -> None:
    """The MD5 is wrong after the resume, right after the second fetch, from the start."""
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / f"{small.audio}.part").write_bytes(b"x" * 500)
    get(known, server, tmp_path)
    asked = [wanted for name, wanted in server.fetched() if name == small.audio]
    assert asked == ["bytes=500-", ""]
    assert written(tmp_path) == small.content


@pytest.mark.parametrize("extra", [0, 7])
def test_a_part_that_is_whole_or_too_long(
    known: KnownDataset,
    server: Any,
    tmp_path: Path,
    extra: int,
    get: Get,
    written: Written,
    small: Any,
) -> None:
    (tmp_path / "archives").mkdir()
    part = tmp_path / "archives" / f"{small.audio}.part"
    part.write_bytes(server.files[small.audio] + b"x" * extra)
    get(known, server, tmp_path)
    assert written(tmp_path) == small.content
    assert len([name for name, _ in server.fetched() if name == small.audio]) == (1 if extra else 0)


def test_a_wrong_md5(
    known: KnownDataset, server: Any, tmp_path: Path, refused: Refused, small: Any
) -> None:
    server.md5[small.audio] = "0" * 32
    message = refused(known, server, tmp_path)
    found = hashlib.md5(server.files[small.audio]).hexdigest()
    assert (
        f"{server.url}/api/records/123/files/{small.audio}/content: has the MD5 {found}" in message
    )
    assert f"expected {'0' * 32} (fetched twice)" in message
    assert not list((tmp_path / "archives").glob(f"{small.audio}*"))
    assert not (tmp_path / "audio").exists()


def test_a_wrong_length(
    known: KnownDataset, server: Any, tmp_path: Path, refused: Refused, small: Any
) -> None:
    length = len(server.files[small.audio])
    server.behaviours[small.audio] = [f"long:{length + 5}"]
    message = refused(known, server, tmp_path)
    assert f"is {length + 5} bytes long, expected {length}" in message
    assert small.audio in message


def test_a_missing_file(
    known: KnownDataset, server: Any, tmp_path: Path, refused: Refused, small: Any
) -> None:
    server.behaviours[small.audio] = ["status:404"]
    message = refused(known, server, tmp_path)
    assert "the server answers 404 Not Found" in message and small.audio in message
    assert len([name for name, _ in server.fetched() if name == small.audio]) == 1


BODY = bytes(range(256)) * 300
FILE = RemoteFile("a.zip", "http://x/a.zip", len(BODY), hashlib.md5(BODY).hexdigest())


class Answer:
    """One answer of a server."""

    def __init__(self, status: int = 200, body: bytes = BODY, **headers: str):
        self.status_code, self.reason, self.url = status, "Reason", "http://x/a.zip"
        self.body, self.headers = body, {k.replace("_", "-"): v for k, v in headers.items()}

    def __enter__(self) -> "Answer":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def iter_content(self, size: int) -> Iterator[bytes]:
        for start in range(0, len(self.body), size):
            yield self.body[start : start + size]


class Fetch:
    """A transfer over answers given ahead, and what it counted and asked for."""

    def __init__(self, quick: Patience, *answers: Answer):
        self.answers, self.ranges, self.counted = list(answers), [], 0
        self.stop = threading.Event()
        self.transfer = Transfer(self, self.count, self.stop, quick)  # type: ignore[arg-type]

    def get(self, url: str, headers: dict[str, str], **options: Any) -> Answer:
        self.ranges.append(headers.get("Range", ""))
        return self.answers.pop(0)

    def count(self, gained: int) -> None:
        self.counted += gained


def test_a_file_is_whole_and_counted(quick: Patience, tmp_path: Path) -> None:
    fetch = Fetch(quick, Answer(Content_Length=str(len(BODY))))
    fetch.transfer.fetch(FILE, tmp_path / "new" / "a.zip")
    assert (tmp_path / "new" / "a.zip").read_bytes() == BODY
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.zip"]
    assert (fetch.counted, fetch.ranges) == (len(BODY), [""])
    again = Fetch(quick)
    again.transfer.fetch(FILE, tmp_path / "new" / "a.zip")
    assert (again.counted, again.ranges) == (len(BODY), [])


@pytest.mark.parametrize(
    ("first", "asked"),
    [
        (Answer(416), ["bytes=100-", ""]),
        (Answer(206, BODY[7:], Content_Range=f"bytes 7-9/{len(BODY)}"), ["bytes=100-", ""]),
        (Answer(206, BODY[100:]), ["bytes=100-", "bytes=100-"]),
    ],
    ids=["range refused", "other range", "no range told"],
)
def test_a_server_that_will_not_go_on_is_asked_again(
    quick: Patience, tmp_path: Path, first: Answer, asked: list[str]
) -> None:
    (tmp_path / "a.zip.part").write_bytes(BODY[:100])
    fetch = Fetch(quick, first, Answer())
    fetch.transfer.fetch(FILE, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == BODY
    assert (fetch.counted, fetch.ranges) == (len(BODY), asked)


def test_a_range_goes_on_where_it_was_cut(quick: Patience, tmp_path: Path) -> None:
    rest = Answer(206, BODY[100:], Content_Range=f"bytes 100-76799/{len(BODY)}")
    fetch = Fetch(quick, Answer(body=BODY[:100]), rest)
    fetch.transfer.fetch(FILE, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == BODY
    assert (fetch.counted, fetch.ranges) == (len(BODY), ["", "bytes=100-"])


def test_more_bytes_than_promised_are_refused(quick: Patience, tmp_path: Path) -> None:
    fetch = Fetch(quick, Answer(body=BODY + b"x" * 100_000))
    with pytest.raises(DataError, match=f"sends more than the expected {len(BODY)} bytes"):
        fetch.transfer.fetch(FILE, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_a_file_whose_length_nobody_tells_starts_anew(quick: Patience, tmp_path: Path) -> None:
    (tmp_path / "test.csv.part").write_bytes(b"something else")
    fetch = Fetch(quick, Answer(body=b"filename\n"))
    fetch.transfer.fetch(RemoteFile("test.csv", "http://x/test.csv"), tmp_path / "test.csv")
    assert (tmp_path / "test.csv").read_bytes() == b"filename\n"
    assert (fetch.counted, fetch.ranges) == (9, [""])


def test_a_stop_keeps_what_came(quick: Patience, tmp_path: Path) -> None:
    fetch = Fetch(quick, Answer())
    fetch.transfer.advance = lambda gained: fetch.stop.set() if gained else None
    with pytest.raises(Stopped):
        fetch.transfer.fetch(FILE, tmp_path / "a.zip")
    part = (tmp_path / "a.zip.part").read_bytes()
    assert 0 < len(part) < len(BODY) and BODY.startswith(part)


def test_a_folder_that_cannot_be_made_is_named(quick: Patience, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"could not be written .*free some space") as error:
        Fetch(quick).transfer.fetch(FILE, tmp_path / "file" / "a.zip")
    assert str(tmp_path / "file") in str(error.value)
