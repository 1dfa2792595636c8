"""Which recordings a cache still stands for."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from dssd_tf.data import DataConfig
from dssd_tf.data.cache import index
from dssd_tf.data.cache.clip_file import ClipFile
from dssd_tf.data.cache.index import CacheIndex
from dssd_tf.data.cache.shard import shard_folder
from dssd_tf.errors import DataError


@pytest.fixture
def digested(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the recordings whose digest has to decide from now on."""
    seen: list[str] = []
    original = index.file_digests

    def noted(root: Path, names: list[str], threads: int) -> Any:
        seen.extend(names)
        return original(root, names, threads)

    monkeypatch.setattr(index, "file_digests", noted)
    return seen


def _replace(path: Path, value: float) -> None:
    """Another recording of the same size."""
    size = path.stat().st_size
    soundfile.write(path, np.linspace(-value, value, 2000), 8000, subtype="PCM_24")
    assert path.stat().st_size == size


def test_a_changed_file_is_computed_again(
    prepare: Callable, tau: Any, names: list[str], read_clips: list[str], everything: Callable
) -> None:
    before = everything(prepare())
    _replace(tau.root / names[3], 0.5)
    after = everything(prepare())
    assert read_clips[10:] == [names[3]]
    same = (after == before).all(axis=(1, 2, 3))
    assert np.flatnonzero(~same).tolist() == [3]


def test_of_several_versions_the_right_one_is_chosen(
    prepare: Callable, tau: Any, names: list[str], read_clips: list[str], everything: Callable
) -> None:
    path = tau.root / names[3]
    content, first = path.read_bytes(), everything(prepare())
    _replace(path, 0.5)
    second = everything(prepare())
    for _ in range(2):
        path.write_bytes(content)
        np.testing.assert_array_equal(everything(prepare()), first)
        _replace(path, 0.5)
        np.testing.assert_array_equal(everything(prepare()), second)
    assert len(read_clips) == 11


def test_a_touched_file_is_compared_once(
    prepare: Callable, tau: Any, names: list[str], read_clips: list[str], digested: list[str]
) -> None:
    prepare()
    status = (tau.root / names[0]).stat()
    os.utime(tau.root / names[0], ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    for _ in range(2):
        prepare()
    assert digested == [names[0]]
    assert len(read_clips) == 10


def test_a_copied_dataset_stays_cached(
    prepare: Callable,
    copied_root: Path,
    names: list[str],
    read_clips: list[str],
    digested: list[str],
    everything: Callable,
) -> None:
    before = everything(prepare())
    np.testing.assert_array_equal(everything(prepare(root=copied_root)), before)
    assert digested == names
    prepare(root=copied_root)
    prepare()
    assert (len(digested), len(read_clips)) == (10, 10)


def test_another_recording_of_the_same_name_is_another_clip(
    prepare: Callable, copied_root: Path, names: list[str], everything: Callable
) -> None:
    before = everything(prepare())
    _replace(copied_root / names[7], 0.25)
    other = everything(prepare(root=copied_root))
    assert np.flatnonzero((other != before).any(axis=(1, 2, 3))).tolist() == [7]
    np.testing.assert_array_equal(everything(prepare()), before)


def test_remembered_digests_that_are_damaged_are_taken_again(
    prepare: Callable, copied_root: Path, digested: list[str], read_clips: list[str]
) -> None:
    entry = prepare().folder
    prepare(root=copied_root)
    (path,) = entry.glob("digests-*.json")
    for text in ("{", "[]", '{"name": 3}', '{"name": ["x"], "size": []}'):
        path.write_text(text)
        prepare(root=copied_root)
    assert len(digested) == 50
    assert len(read_clips) == 10


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"names": ["a"], "sizes": [], "mtimes_ns": [1], "digests": ["x"], "checksums": {}}',
        None,
    ],
)
def test_a_damaged_list_of_clips_is_told(
    prepare: Callable, shards: Callable, text: str | None
) -> None:
    prepare()
    path = shards()[1] / "clips.json"
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(DataError) as caught:
        prepare()
    assert caught.value.path == path
    assert "remove this folder" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_opening_a_large_cache_takes_seconds(tmp_path: Path, data_config: DataConfig) -> None:
    """A tenth of TAU 2022 Mobile (230,350 clips in 900 shards)."""
    files = [ClipFile(f"audio/bus-lyon-{i}-{i}-0-a.wav", 88244, 10**18 + i) for i in range(23040)]
    for start in range(0, len(files), 256):
        part = files[start : start + 256]
        folder = shard_folder(tmp_path, part)
        folder.mkdir()
        columns = {
            "names": [f.name for f in part],
            "sizes": [f.size for f in part],
            "mtimes_ns": [f.mtime_ns for f in part],
            "digests": [f"{f.mtime_ns:032x}" for f in part],
            "checksums": {},
        }
        (folder / "clips.json").write_text(json.dumps(columns))
    start_time = time.process_time()
    found = CacheIndex(tmp_path)
    shard, row = found.locate(tmp_path, files[::-1])
    # 0.2 s where it was written; a quadratic search would take minutes.
    assert time.process_time() - start_time < 10
    assert len(found) == 23040
    for position in (0, 5000, 23039):
        names = json.loads((tmp_path / found.shards[shard[position]] / "clips.json").read_text())[
            "names"
        ]
        assert names[row[position]] == files[::-1][position].name
    shard, _ = found.locate(tmp_path, [files[0]._replace(size=1)])
    assert shard.tolist() == [-1]
