import hashlib
from pathlib import Path

import pytest

from dssd_tf.data.cache.clip_file import file_digest, file_digests, look_at, look_at_all
from dssd_tf.errors import DataError


def test_every_file_in_the_given_order(tmp_path: Path) -> None:
    names = [f"{i}.wav" for i in (3, 1, 2, 9, 4, 0, 7, 5, 8, 6, 10)]
    for name in names:
        (tmp_path / name).write_bytes(b"x" * int(name[:-4]))
    files = look_at_all(tmp_path, names)
    assert [f.name for f in files] == names
    assert [f.size for f in files] == [int(name[:-4]) for name in names]
    assert files[0].mtime_ns == (tmp_path / "3.wav").stat().st_mtime_ns
    assert files[2] == look_at(tmp_path, "2.wav")
    assert look_at_all(tmp_path, []) == []


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(name.encode() * 100_000)
    expected = [hashlib.blake2b(c * 100_000, digest_size=16).hexdigest() for c in (b"b", b"a")]
    assert list(file_digests(tmp_path, ["b", "a"], 2)) == expected


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for call in (
        lambda: look_at_all(tmp_path, ["none.wav"]),
        lambda: file_digest(tmp_path / "none.wav"),
    ):
        with pytest.raises(DataError, match="no such recording") as caught:
            call()
        assert caught.value.path == tmp_path / "none.wav"
