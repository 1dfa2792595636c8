import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from dssd_tf.errors import DataError
from dssd_tf.teachers import read_manifest
from dssd_tf.teachers.manifest import MANIFEST_FILE, locked, write_manifest


def _change(bank: Path, **values: object) -> None:
    path = bank / MANIFEST_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_manifest_comes_back_as_it_was_written(bank: Path, add: Callable) -> None:
    add()
    manifest = read_manifest(bank)
    write_manifest(bank, manifest)
    assert read_manifest(bank) == manifest
    (record,) = manifest.teachers
    assert (record.clips, record.finished, record.origin.recordings) == (7, True, 1)


def test_what_is_no_bank_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not a teacher bank") as caught:
        read_manifest(tmp_path)
    assert "dssd teach" in str(caught.value)


def test_a_newer_format_is_told(bank: Path, add: Callable) -> None:
    add()
    _change(bank, format_version=2, package_version="9.1")
    with pytest.raises(DataError, match=r"format_version 2.*dssd_tf 9\.1 or later"):
        read_manifest(bank)


@pytest.mark.parametrize("values", [{"classes": ["a", "a"]}, {"teachers": [{"name": "x"}]}])
def test_a_damaged_manifest_is_one_line(bank: Path, add: Callable, values: dict) -> None:
    add()
    _change(bank, **values)
    with pytest.raises(DataError) as caught:
        read_manifest(bank)
    assert str(bank / MANIFEST_FILE) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["../out", "", "a/b", ".hidden", "a b"])
def test_a_name_that_is_no_plain_folder_is_refused(name: str, make_record: Callable) -> None:
    with pytest.raises(ValidationError):
        make_record(name)


def test_the_lock_keeps_a_second_writer_waiting(bank: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with locked(bank):
            order.append("second")

    with locked(bank):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
