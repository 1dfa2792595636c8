import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from dssd_tf.data import (
    AudioConfig,
    ClipReader,
    DataConfig,
    FeatureStore,
    feature_cache,
    prepare_features,
    read_dataset,
)
from dssd_tf.errors import DataError, DssdError
from dssd_tf.features import LogMelConfig, LogMelExtractor

Prepare = Callable[..., FeatureStore]


@pytest.fixture
def names(tau: Any, data_config: DataConfig) -> list[str]:
    return read_dataset(tau.root, data_config).filenames[:10]


@pytest.fixture
def prepare(
    tau: Any,
    names: list[str],
    data_config: DataConfig,
    front_end: LogMelConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Prepare:
    """Prepare ten clips in shards of four."""
    monkeypatch.setattr(feature_cache, "SHARD_CLIPS", 4)

    def run(**changes: Any) -> FeatureStore:
        settings = {
            "filenames": names,
            "data": data_config,
            "features": front_end,
            "cache": tmp_path / "cache",
        }
        return prepare_features(tau.root, **(settings | changes))

    return run


@pytest.fixture
def read_clips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the clips that are read from now on."""
    seen: list[str] = []
    original = ClipReader.__call__

    def noted(self: ClipReader, path: Path) -> np.ndarray:
        seen.append(Path(path).name)
        return original(self, path)

    monkeypatch.setattr(ClipReader, "__call__", noted)
    return seen


def _everything(store: FeatureStore) -> np.ndarray:
    return store.gather(np.arange(len(store)))


def test_values_are_the_front_end_s(
    prepare: Prepare, tau: Any, names: list[str], front_end: LogMelConfig
) -> None:
    store = prepare()
    assert store.shape == (4, 16, 2)
    assert store.filenames == names
    extract, reader = LogMelExtractor(front_end), ClipReader(8000, 0.25, AudioConfig())
    expected = np.stack([extract(reader(tau.root / name)) for name in names])
    found = _everything(store)
    assert found.dtype == np.float32
    # The cache keeps half precision: eleven significant bits.
    np.testing.assert_allclose(found, expected, rtol=2**-11, atol=1e-6)


def test_gather_follows_the_positions(prepare: Prepare, names: list[str]) -> None:
    store = prepare()
    everything = _everything(store)
    chosen = [names[i] for i in (9, 0, 4, 4, 3)]
    positions = store.positions(chosen)
    assert positions.tolist() == [9, 0, 4, 4, 3]
    np.testing.assert_array_equal(store.gather(positions), everything[positions])
    assert store.gather(np.array([], dtype=np.int64)).shape == (0, 4, 16, 2)


def test_unknown_clip(prepare: Prepare) -> None:
    store = prepare()
    with pytest.raises(DataError, match=r"has no features of audio/other\.wav"):
        store.positions(["audio/other.wav"])


def test_finished_cache_reads_no_audio(prepare: Prepare, read_clips: list[str]) -> None:
    first = _everything(prepare())
    assert len(read_clips) == 10
    np.testing.assert_array_equal(_everything(prepare()), first)
    assert len(read_clips) == 10


def test_goes_on_after_an_interruption(
    prepare: Prepare, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _everything(prepare(cache=tmp_path / "whole"))
    original = ClipReader.__call__
    seen: list[str] = []

    def interrupted(self: ClipReader, path: Path) -> np.ndarray:
        seen.append(Path(path).name)
        if len(seen) == 7:
            raise KeyboardInterrupt
        return original(self, path)

    monkeypatch.setattr(ClipReader, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare()
    resumed = prepare()
    # Seven were begun before the interruption; the first shard's four are not read again.
    assert seen[7:] == [Path(name).name for name in names[4:]]
    np.testing.assert_array_equal(_everything(resumed), whole)


def test_full_disk(prepare: Prepare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _everything(prepare(cache=tmp_path / "whole"))
    original, calls = np.save, []

    def full(file: Any, array: np.ndarray) -> None:
        calls.append(file)
        if len(calls) == 2:
            file.write(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(file, array)

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(DssdError, match=r"could not be written \(No space left") as caught:
        prepare()
    refused = Path(str(caught.value.path))
    assert refused.is_relative_to(tmp_path / "cache")
    assert "free some space" in str(caught.value)
    left = [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert len(left) == 1
    assert refused not in left
    assert list(refused.parent.iterdir()) == left

    np.testing.assert_array_equal(_everything(prepare()), whole)
    assert len(calls) == 4


def test_changed_file_is_computed_again(prepare: Prepare, tau: Any, names: list[str]) -> None:
    before = prepare()
    path = tau.root / names[3]
    soundfile.write(path, np.linspace(-0.5, 0.5, 2000), 8000, subtype="PCM_24")
    after = prepare()
    assert after.folder != before.folder
    same = (_everything(after) == _everything(before)).all(axis=(1, 2, 3))
    assert np.flatnonzero(~same).tolist() == [3]


def test_same_size_but_later_is_another_file(
    prepare: Prepare, tau: Any, names: list[str], read_clips: list[str]
) -> None:
    before = prepare().folder
    status = (tau.root / names[0]).stat()
    os.utime(tau.root / names[0], ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000_000))
    assert prepare().folder != before
    assert len(read_clips) == 20


@pytest.mark.parametrize(
    "change",
    [
        {"features": {"n_mels": 8}},
        {"features": {"deltas": False}},
        {"features": {"hop_length": 256}},
        {"data": {"clip_seconds": 0.2, "audio": AudioConfig(length_mismatch="fit")}},
        {"data": {"audio": AudioConfig(multichannel="downmix")}},
    ],
    ids=str,
)
def test_changed_setting_has_its_own_folder(
    prepare: Prepare, data_config: DataConfig, front_end: LogMelConfig, change: dict[str, Any]
) -> None:
    before = prepare()
    data = data_config.model_copy(update=change.get("data", {}))
    features = front_end.model_copy(update=change.get("features", {}))
    after = prepare(data=data, features=features)
    assert after.folder != before.folder
    assert after.shape == features.shape(round(8000 * data.clip_seconds))
    assert prepare().folder == before.folder


def test_settings_that_do_not_matter_share_the_folder(
    prepare: Prepare, data_config: DataConfig
) -> None:
    other = data_config.model_copy(update={"validation_fraction": 0.5, "synthetic": True})
    assert prepare(data=other).folder == prepare().folder


def test_unreadable_clip_is_named(prepare: Prepare, tau: Any, names: list[str]) -> None:
    (tau.root / names[5]).write_text("no audio")
    with pytest.raises(DataError, match="cannot be read as audio") as caught:
        prepare()
    assert caught.value.path == tau.root / names[5]


def test_missing_clip_is_named(prepare: Prepare, tau: Any, names: list[str]) -> None:
    (tau.root / names[5]).unlink()
    with pytest.raises(DataError, match="no such recording") as caught:
        prepare()
    assert caught.value.path == tau.root / names[5]


def test_clip_too_short_for_the_window(
    prepare: Prepare, front_end: LogMelConfig, tau: Any, names: list[str]
) -> None:
    wide = front_end.model_copy(update={"n_fft": 4096})
    with pytest.raises(DataError, match=r"2000 samples.* n_fft 4096") as caught:
        prepare(features=wide)
    assert caught.value.path == tau.root / names[0]


def test_conversions_are_told_once(
    prepare: Prepare,
    data_config: DataConfig,
    tau: Any,
    names: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in names[:2]:
        soundfile.write(tau.root / name, np.full((2000, 2), 0.1), 8000)
    lenient = data_config.model_copy(update={"audio": AudioConfig(multichannel="downmix")})
    prepare(data=lenient)
    assert capsys.readouterr().err.count("averaged 2 channels to one: 2 files") == 1


def test_folder_without_a_manifest(tmp_path: Path) -> None:
    with pytest.raises(DssdError, match=r"manifest\.json: no such file"):
        FeatureStore(tmp_path)
