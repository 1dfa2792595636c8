import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from dssd_tf.data.download.patience import Patience
from dssd_tf.data.download.record import RemoteFile, list_files, read_record, rebased
from dssd_tf.data.known_dataset import KnownDataset, load_known_dataset
from dssd_tf.errors import DataError

Refused = Callable[..., str]


def test_a_record_of_another_dataset(
    known: KnownDataset, server: Any, tmp_path: Path, refused: Refused, small: Any
) -> None:
    server.files = {"dev_bearing.zip": b"x"}
    message = refused(known, server, tmp_path)
    assert f"record 123 holds dev_bearing.zip, expected {small.folder}.*" in message


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden"])
def test_a_record_with_a_bad_name(
    known: KnownDataset, server: Any, tmp_path: Path, name: str, refused: Refused
) -> None:
    server.files[name] = b"x"
    assert "the record cannot be understood" in refused(known, server, tmp_path)


def test_a_mirror_takes_the_place_of_the_host() -> None:
    url = "https://zenodo.org/api/records/1/files/a.zip/content?download=1"
    mirror = "http://mirror.example/zenodo/"
    assert rebased(url, None) == url
    assert rebased(url, mirror) == (
        "http://mirror.example/zenodo/api/records/1/files/a.zip/content?download=1"
    )


class Session:
    """Answers every request with the same text."""

    def __init__(self, text: str):
        self.text, self.urls = text, []

    def get(self, url: str, **options: Any) -> requests.Response:
        self.urls.append(url)
        response = requests.Response()
        response.status_code, response._content = 200, self.text.encode()
        return response


def _entry(small: Any, **changes: Any) -> dict[str, Any]:
    return {
        "key": small.meta,
        "size": 5,
        "checksum": "md5:" + "0" * 32,
        "links": {"self": "https://zenodo.org/api/records/123/files/a/content"},
    } | changes


def test_a_record_lists_name_place_size_and_md5(
    known: KnownDataset, small: Any, quick: Patience
) -> None:
    stranger = _entry(small, key="README.html")
    session: Any = Session(json.dumps({"files": [_entry(small), stranger]}))
    files = read_record(known, session, base_url="http://mirror", patience=quick)
    assert session.urls == ["http://mirror/api/records/123"]
    url = "http://mirror/api/records/123/files/a/content"
    assert files == [RemoteFile(small.meta, url, 5, "0" * 32)]
    assert not files[0].is_list


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"checksum": "sha1:00"}, "the checksum 'sha1:00' is not of the form md5:…"),
        ({"size": "many"}, "invalid literal"),
        ({"links": {}}, "KeyError: 'self'"),
        ({"links": None}, "TypeError"),
    ],
)
def test_an_entry_that_cannot_be_understood_is_told(
    known: KnownDataset, small: Any, quick: Patience, changes: dict[str, Any], reason: str
) -> None:
    session: Any = Session(json.dumps({"files": [_entry(small, **changes)]}))
    with pytest.raises(DataError, match="the record cannot be understood") as error:
        read_record(known, session, patience=quick)
    assert reason in str(error.value)
    assert str(error.value).startswith("https://zenodo.org/api/records/123: ")


@pytest.mark.parametrize("text", ["{}", "[]", '{"files": 3}'])
def test_an_answer_that_is_no_record_is_told(
    known: KnownDataset, quick: Patience, text: str
) -> None:
    session: Any = Session(text)
    with pytest.raises(DataError, match="the record cannot be understood"):
        read_record(known, session, patience=quick)


def test_a_record_without_files_is_told(known: KnownDataset, quick: Patience) -> None:
    session: Any = Session('{"files": []}')
    with pytest.raises(DataError, match="record 123 holds no files"):
        read_record(known, session, patience=quick)


def test_the_page_of_a_proxy_is_no_record(known: KnownDataset, quick: Patience) -> None:
    session: Any = Session("<html>log in</html>")
    with pytest.raises(DataError, match=r"the answer is not JSON \(3 attempts\)"):
        read_record(known, session, patience=quick)
    assert len(session.urls) == 3


def test_a_set_without_a_record_is_told(known: KnownDataset) -> None:
    session: Any = Session("")
    with pytest.raises(DataError, match="tau2022 has no record in the archive"):
        read_record(known.model_copy(update={"record": None}), session)
    assert session.urls == []


def test_single_lists_are_those_of_the_splits(known: KnownDataset) -> None:
    assert list_files(known) == []
    files = list_files(load_known_dataset("dcase2024"), base_url="http://mirror")
    names = ["split5.csv", "split10.csv", "split25.csv", "split50.csv", "split100.csv", "test.csv"]
    assert sorted(file.name for file in files) == sorted(names)
    for file in files:
        assert file.is_list and file.size is None
        assert file.url.startswith("http://mirror/") and file.url.endswith(file.name)
