import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from dssd_tf.data import AudioConfig, ClipReader, DataConfig, prepare_waveforms
from dssd_tf.data.cache import Means, feature_settings, fill_cache, shard
from dssd_tf.data.cache.plan import Part
from dssd_tf.errors import DataError, DssdError
from dssd_tf.features import LogMelConfig, LogMelExtractor


def test_values_are_the_front_end_s(
    prepare: Callable,
    tau: Any,
    names: list[str],
    data_config: DataConfig,
    front_end: LogMelConfig,
    everything: Callable,
) -> None:
    extract, reader = LogMelExtractor(front_end), ClipReader(8000, 0.25, AudioConfig())
    expected = np.stack([extract(reader(tau.root / name)) for name in names])
    store = prepare()
    assert store.shape == (4, 16, 2)
    assert store.filenames == names
    found = everything(store)
    assert found.dtype == np.float32
    # Half precision has eleven significant bits; values reach four, deltas add up their errors.
    np.testing.assert_allclose(found[..., 0], expected[..., 0], atol=4 * 2**-11)
    np.testing.assert_allclose(found[..., 1], expected[..., 1], atol=2e-2)
    exact = prepare(data=data_config.model_copy(update={"cache_dtype": "float32"}))
    np.testing.assert_allclose(everything(exact), expected, atol=1e-5)


def test_finished_cache_reads_no_audio(
    prepare: Callable, read_clips: list[str], everything: Callable
) -> None:
    first = everything(prepare())
    assert len(read_clips) == 10
    np.testing.assert_array_equal(everything(prepare()), first)
    assert len(read_clips) == 10


def test_goes_on_after_an_interruption(
    prepare: Callable,
    names: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    everything: Callable,
    shards: Callable,
) -> None:
    whole = everything(prepare(cache=tmp_path / "whole"))
    original = ClipReader.__call__
    seen: list[str] = []

    def interrupted(self: ClipReader, path: Path) -> np.ndarray:
        seen.append(f"audio/{Path(path).name}")
        if len(seen) == 7:
            raise KeyboardInterrupt
        return original(self, path)

    monkeypatch.setattr(ClipReader, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare()
    done = {name for path in shards() for name in shard.read_clips(path)["names"]}
    assert 4 <= len(done) < 7
    resumed = prepare()
    assert sorted(seen[7:]) == sorted(set(names) - done)
    np.testing.assert_array_equal(everything(resumed), whole)


def test_full_disk(
    prepare: Callable,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    everything: Callable,
    shards: Callable,
) -> None:
    whole = everything(prepare(cache=tmp_path / "whole"))
    original, calls = shard._finish, []

    def full(file: Any) -> None:
        calls.append(file)
        if len(calls) == 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(file)

    with monkeypatch.context() as patch:
        patch.setattr(shard, "_finish", full)
        with pytest.raises(DssdError, match=r"could not be written \(No space left") as caught:
            prepare()
    refused = Path(str(caught.value.path))
    assert refused.is_relative_to(cache)
    assert "free some space" in str(caught.value)
    assert len(shards()) == 1
    assert refused not in shards()
    assert list(cache.rglob(".*.tmp")) == []
    np.testing.assert_array_equal(everything(prepare()), whole)


def test_conversions_are_told_once(
    prepare: Callable,
    data_config: DataConfig,
    tau: Any,
    names: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in (names[0], names[9]):
        soundfile.write(tau.root / name, np.full((2000, 2), 0.1), 8000)
    lenient = data_config.model_copy(update={"audio": AudioConfig(multichannel="downmix")})
    prepare(data=lenient)
    assert capsys.readouterr().err.count("averaged 2 channels to one: 2 files") == 1


def test_nested_lists_share_the_work(
    prepare: Callable,
    names: list[str],
    read_clips: list[str],
    everything: Callable,
    tmp_path: Path,
) -> None:
    small = prepare(filenames=names[1::3])
    assert sorted(read_clips) == sorted(names[1::3])
    large = prepare()
    assert sorted(read_clips) == sorted(names)
    np.testing.assert_array_equal(everything(small), everything(large)[1::3])
    backwards = prepare(filenames=names[::-1])
    np.testing.assert_array_equal(everything(backwards), everything(large)[::-1])
    assert len(read_clips) == 10
    np.testing.assert_array_equal(everything(large), everything(prepare(cache=tmp_path / "other")))


def test_parts_divide_the_work(
    tau: Any,
    names: list[str],
    data_config: DataConfig,
    front_end: LogMelConfig,
    cache: Path,
    small_shards: None,
    read_clips: list[str],
) -> None:
    settings = feature_settings(data_config, front_end)

    def fill(part: Part | None) -> Any:
        means = Means(workers=1, part=part)
        return fill_cache(tau.root, names, settings, cache, means, description="x")

    first = fill(Part(1, 2))
    assert (first.wanted, first.computed, first.missing) == (10, 6, 4)
    assert sorted(read_clips) == [*names[:4], *names[8:]]
    # The second begins when the first has finished: the chunks are dealt as before.
    second = fill(Part(2, 2))
    assert (second.computed, second.missing) == (4, 0)
    assert second.bytes > 0
    assert sorted(read_clips) == sorted(names)
    assert fill(None).computed == 0


@pytest.mark.parametrize(("dtype", "atol"), [("float32", 0.0), ("int16", 0.5 / 32768)])
def test_waveforms(
    tau: Any,
    names: list[str],
    data_config: DataConfig,
    cache: Path,
    small_shards: None,
    dtype: str,
    atol: float,
) -> None:
    data = data_config.model_copy(update={"waveform_dtype": dtype})
    soundfile.write(tau.root / names[0], np.tile([1.0, -1.0], 1000), 8000, subtype="FLOAT")
    store = prepare_waveforms(tau.root, names, data, 8000, cache)
    assert store.folder.name.startswith("waveforms-")
    assert store.shape == (2000,)
    assert store.sampling_rate == 8000
    reader = ClipReader(8000, 0.25, AudioConfig())
    expected = np.stack([reader(tau.root / name) for name in names])
    found = store.gather(np.arange(10))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[1:], expected[1:], rtol=0, atol=atol)
    np.testing.assert_allclose(found[0], expected[0], rtol=0, atol=max(2 * atol, 1e-9))
    assert (np.abs(found) <= 1).all()
    with pytest.raises(DataError, match=r"has no waveforms of audio/other\.wav"):
        store.positions(["audio/other.wav"])


def test_what_killed_writers_left_long_ago_goes(prepare: Callable, shards: Callable) -> None:
    entry = prepare().folder
    old, fresh = entry / ".shard-a.x1.tmp", entry / ".shard-b.x2.tmp"
    for holder in (old, fresh):
        holder.mkdir()
        (holder / "values.npy").write_bytes(b"half")
    for path in (old, old / "values.npy"):
        os.utime(path, (1, 1))
    prepare()
    assert old.exists()
    shutil.rmtree(shards()[0])
    prepare()
    assert not old.exists()
    assert fresh.exists()


def test_no_clips(prepare: Callable) -> None:
    store = prepare(filenames=[])
    assert len(store) == 0
    assert store.gather(store.positions([])).shape == (0, 4, 16, 2)
