from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dssd_tf.data import DataConfig
from dssd_tf.data.cache import waveform_settings
from dssd_tf.data.cache.clip_file import ClipFile
from dssd_tf.data.cache.plan import SHARD_CLIPS, Chunk, Part, plan_chunks
from dssd_tf.errors import DssdError

FILES = [ClipFile(f"{i}.wav", 1, i) for i in range(5 * SHARD_CLIPS + 7)]
SETTINGS = waveform_settings(DataConfig(), 8000)


def _plan(missing: list[int], part: Part | None = None) -> list[Chunk]:
    wanted = np.array(missing, dtype=np.int64)
    return plan_chunks(Path("root"), Path("entry"), SETTINGS, FILES, wanted, part)


def _firsts(chunks: list[Chunk]) -> list[int]:
    return sorted(FILES.index(chunk.files[0]) for chunk in chunks)


@given(done=st.sets(st.integers(0, 5)), count=st.integers(1, 4))
def test_finished_chunks_do_not_move_the_others(done: set[int], count: int) -> None:
    left = [i for i in range(len(FILES)) if i // SHARD_CLIPS not in done]
    whole = {chunk.folder for chunk in _plan(list(range(len(FILES))))}
    chunks = _plan(left)
    assert _firsts(chunks) == [SHARD_CLIPS * n for n in range(6) if n not in done]
    assert {chunk.folder for chunk in chunks} <= whole
    for index in range(1, count + 1):
        of_part = _firsts(_plan(left, Part(index, count)))
        assert of_part == [
            SHARD_CLIPS * n for n in range(6) if n not in done and n % count == index - 1
        ]


@given(missing=st.sets(st.integers(0, len(FILES) - 1), max_size=600), count=st.integers(1, 5))
def test_parts_cover_everything_once(missing: set[int], count: int) -> None:
    parts = [_plan(sorted(missing), Part(i + 1, count)) for i in range(count)]
    found = [file for part in parts for chunk in part for file in chunk.files]
    assert sorted(found) == sorted(FILES[i] for i in missing)
    assert all(len(chunk.files) <= SHARD_CLIPS for part in parts for chunk in part)


def test_each_writer_has_its_own_order() -> None:
    files = list(range(len(FILES)))
    orders = {tuple(FILES.index(c.files[0]) for c in _plan(files)) for _ in range(30)}
    assert len(orders) > 1


def test_the_name_of_a_shard_follows_from_its_clips() -> None:
    (one,) = _plan([0, 1])
    (same,) = _plan([0, 1])
    (other,) = _plan([0, 2])
    assert one.folder == same.folder != other.folder
    changed = Chunk(one.root, one.entry, SETTINGS, (FILES[0], FILES[1]._replace(mtime_ns=9)))
    assert changed.folder != one.folder
    assert "0.wav" in str(one)


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/0", "a/b", "-1/2"])
def test_a_part_that_is_none(text: str) -> None:
    with pytest.raises(DssdError, match="is not of the form i/n"):
        Part.parse(text)
    assert Part.parse("2/3") == Part(2, 3)
