from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from dssd_tf.data import AudioConfig, ClipReader, DataConfig, prepare_waveforms
from dssd_tf.data.cache import store as module
from dssd_tf.errors import DataError
from dssd_tf.features import LogMelConfig, LogMelExtractor


def test_gather_follows_the_positions(
    prepare: Callable, names: list[str], everything: Callable
) -> None:
    store = prepare()
    whole = everything(store)
    positions = store.positions([names[i] for i in (9, 0, 4, 4, 3)])
    assert positions.tolist() == [9, 0, 4, 4, 3]
    np.testing.assert_array_equal(store.gather(positions), whole[positions])
    assert store.gather(np.array([], dtype=np.int64)).shape == (0, 4, 16, 2)


def test_unknown_clip(prepare: Callable) -> None:
    with pytest.raises(DataError, match=r"has no features of audio/other\.wav"):
        prepare().positions(["audio/other.wav"])


def test_raw_log_mels_come_back(
    prepare: Callable, tau: Any, names: list[str], front_end: LogMelConfig
) -> None:
    soundfile.write(tau.root / names[2], np.zeros(2000), 8000)
    store = prepare()
    extract, reader = LogMelExtractor(front_end), ClipReader(8000, 0.25, AudioConfig())
    expected = np.stack([extract.log_mel(reader(tau.root / name)) for name in names])
    found = store.gather_raw(np.arange(10))
    assert (found.shape, found.dtype) == ((10, 4, 16), np.float32)
    np.testing.assert_allclose(found, expected, atol=4 * 2**-11 * expected.std())
    # Silence: nothing is made of its rounding noise.
    np.testing.assert_allclose(found[2], -10, atol=1e-5)
    assert (store.gather(np.array([2])) == 0).all()


def test_stored_values_and_scale(prepare: Callable) -> None:
    store = prepare()
    values, scale = store.read(np.array([7, 1]))
    assert (values.shape, values.dtype) == ((2, 4, 16), np.float16)
    assert (scale.shape, scale.dtype) == ((2, 2), np.float32)
    np.testing.assert_allclose(values.mean(axis=(1, 2), dtype=np.float64), 0, atol=1e-3)
    np.testing.assert_allclose(values.std(axis=(1, 2), ddof=1, dtype=np.float64), 1, atol=1e-3)


def test_stored_waveforms(tau: Any, names: list[str], data_config: DataConfig, cache: Path) -> None:
    data = data_config.model_copy(update={"waveform_dtype": "int16"})
    store = prepare_waveforms(tau.root, names, data, 8000, cache)
    (values,) = store.read(np.array([7, 1]))
    assert (values.shape, values.dtype) == ((2, 2000), np.int16)
    np.testing.assert_array_equal(values / np.float32(32768), store.gather(np.array([7, 1])))


def test_what_is_applied_on_reading_shares_the_entry(
    prepare: Callable, front_end: LogMelConfig, read_clips: list[str], everything: Callable
) -> None:
    both = prepare()
    plain = prepare(features=front_end.model_copy(update={"deltas": False}))
    raw = prepare(features=front_end.model_copy(update={"deltas": False, "standardize": "none"}))
    assert len(read_clips) == 10
    assert plain.shape == (4, 16, 1)
    np.testing.assert_array_equal(everything(plain)[..., 0], everything(both)[..., 0])
    np.testing.assert_array_equal(everything(raw)[..., 0], raw.gather_raw(np.arange(10)))


def test_opening_reads_no_values_and_few_shards_stay_open(
    prepare: Callable, cache: Path, shards: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_OPEN_SHARDS", 2)
    prepare()
    if not Path("/proc/self/maps").is_file():
        pytest.skip("needs /proc")

    def mapped() -> int:
        text = Path("/proc/self/maps").read_text()
        paths = {line.split()[-1] for line in text.splitlines() if "values.npy" in line}
        return sum(path.startswith(str(cache)) for path in paths)

    store = prepare()
    assert mapped() == 0
    for _ in range(2):
        store.gather(np.arange(10))
    assert len(shards()) == 3
    assert mapped() == 2
    for path in shards():
        (path / "values.npy").rename(path / "moved")
    reopened = prepare()
    with pytest.raises(DataError, match=r"values\.npy: no such file"):
        reopened.gather(np.arange(10))


@pytest.mark.parametrize("name", ["values.npy", "scale.npy"])
@pytest.mark.parametrize("damage", ["cut", "shape", "empty"])
def test_a_damaged_shard_is_told_on_reading(
    prepare: Callable, shards: Callable, name: str, damage: str
) -> None:
    prepare()
    path = shards()[0] / name
    if damage == "shape":
        np.save(path, np.zeros((4, 3), dtype=np.float16))
    else:
        path.write_bytes(path.read_bytes()[: 130 if damage == "cut" else 0])
    store = prepare()
    with pytest.raises(DataError) as caught:
        store.gather(np.arange(10))
    assert caught.value.path == path
    assert "dssd data cache verify" in str(caught.value)


def test_a_clip_of_ten_seconds(
    tmp_path: Path, prepare: Callable, data_config: DataConfig, front_end: LogMelConfig
) -> None:
    root = tmp_path / "long"
    root.mkdir()
    soundfile.write(root / "a.wav", np.random.default_rng(1).normal(0, 0.1, 80000), 8000)
    data = data_config.model_copy(update={"clip_seconds": 10.0})
    assert prepare(root=root, filenames=["a.wav"], data=data).gather(np.array([0])).shape == (
        (1, *front_end.shape(80000))
    )
