import json
from pathlib import Path

import pytest

from dssd_tf.errors import DataError
from dssd_tf.teachers.recordings import (
    RECORDINGS_FILE,
    read_recordings,
    recordings_digest,
    write_recordings,
)


def test_a_list_comes_back_in_whatever_order_it_was_given(tmp_path: Path) -> None:
    write_recordings(tmp_path, ["b", "a"])
    assert read_recordings(tmp_path, recordings_digest(["a", "b"])) == {"a", "b"}


def test_a_list_that_was_shortened_is_told(tmp_path: Path) -> None:
    write_recordings(tmp_path, ["a", "b"])
    (tmp_path / RECORDINGS_FILE).write_text(json.dumps({"recordings": ["a"]}))
    with pytest.raises(DataError, match="is not the list the bank was made with"):
        read_recordings(tmp_path, recordings_digest(["a", "b"]))


@pytest.mark.parametrize("text", ["[]", "{}", '{"recordings": 3}', "no JSON"])
def test_a_damaged_list_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / RECORDINGS_FILE).write_text(text)
    with pytest.raises(DataError, match=RECORDINGS_FILE):
        read_recordings(tmp_path, recordings_digest([]))
