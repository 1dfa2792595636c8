from pathlib import Path

import numpy as np
import pytest

from dssd_tf.data import DataConfig
from dssd_tf.data.cache import waveform_settings
from dssd_tf.data.cache.clip_file import ClipFile
from dssd_tf.data.cache.shard import (
    StoredClip,
    open_values,
    read_clips,
    shard_folder,
    write_shard,
)

FILES = [ClipFile("a.wav", 10, 1), ClipFile("é.wav", 20, 2)]
SETTINGS = waveform_settings(DataConfig(clip_seconds=0.5), 8)


def _clips(value: float) -> list[StoredClip]:
    return [StoredClip(np.full(4, value + i, np.float32), None, f"d{i}") for i in range(2)]


def test_a_shard_holds_values_and_clips(tmp_path: Path) -> None:
    size = write_shard(tmp_path, SETTINGS, FILES, _clips(1))
    folder = shard_folder(tmp_path, FILES)
    assert size == sum(p.stat().st_size for p in folder.iterdir())
    np.testing.assert_array_equal(open_values(folder, SETTINGS), [[1] * 4, [2] * 4])
    clips = read_clips(folder)
    assert clips["names"] == ["a.wav", "é.wav"]
    assert (clips["sizes"], clips["mtimes_ns"], clips["digests"]) == (
        [10, 20],
        [1, 2],
        ["d0", "d1"],
    )


def test_the_first_of_two_writers_stays(tmp_path: Path) -> None:
    def slow() -> list[StoredClip]:
        write_shard(tmp_path, SETTINGS, FILES, _clips(1))
        return _clips(5)

    def late():
        yield from slow()

    write_shard(tmp_path, SETTINGS, FILES, late())
    folder = shard_folder(tmp_path, FILES)
    assert open_values(folder, SETTINGS)[0, 0] == 1
    assert list(tmp_path.iterdir()) == [folder]


def test_a_failed_clip_leaves_nothing(tmp_path: Path) -> None:
    def failing():
        yield _clips(1)[0]
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        write_shard(tmp_path, SETTINGS, FILES, failing())
    assert list(tmp_path.iterdir()) == []
