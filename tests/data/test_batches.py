from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dssd_tf.data import (
    DataConfig,
    FeatureStore,
    WaveformStore,
    prepare_features,
    prepare_waveforms,
    read_dataset,
)
from dssd_tf.data.batches import make_batches
from dssd_tf.errors import DataError
from dssd_tf.features import LogMelConfig

CLASSES = 3
CLIPS = 10


@pytest.fixture(scope="module")
def names(_tau_original: Path, data_config: DataConfig) -> list[str]:
    return read_dataset(_tau_original, data_config).filenames[:CLIPS]


@pytest.fixture(scope="module")
def store(
    _tau_original: Path,
    data_config: DataConfig,
    front_end: LogMelConfig,
    names: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> FeatureStore:
    cache = tmp_path_factory.mktemp("cache")
    return prepare_features(_tau_original, names, data_config, front_end, cache)


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    return np.array([0, 1, 2, 2, 1, 0, 0, 1, 2, 0])


def _pass(store: Any, labels: np.ndarray, positions: Any = None, **settings: Any) -> list[dict]:
    positions = np.arange(CLIPS) if positions is None else positions
    settings = {"batch_size": 4, **settings}
    dataset = make_batches(store, positions, labels, CLASSES, **settings)
    assert int(dataset.cardinality()) == len(list(dataset))
    return list(dataset.as_numpy_iterator())


def _clips(store: FeatureStore, batches: list[dict]) -> list[int]:
    """Which clip each row is: the log-mels of all clips differ."""
    everything = store.gather_raw(np.arange(len(store)))
    rows = np.concatenate([batch["x"] for batch in batches]).astype(np.float32)
    return [int(np.abs(everything - row).max(axis=(1, 2)).argmin()) for row in rows]


def test_one_pass_keeps_order_and_remainder(store: FeatureStore, labels: np.ndarray) -> None:
    batches = _pass(store, labels)
    assert [batch["x"].shape for batch in batches] == [(n, 4, 16) for n in (4, 4, 2)]
    assert _clips(store, batches) == list(range(CLIPS))


def test_log_mels_come_back_raw(store: FeatureStore, labels: np.ndarray) -> None:
    found = np.concatenate([batch["x"] for batch in _pass(store, labels)])
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, store.gather_raw(np.arange(CLIPS)), atol=1e-5)


def test_labels_and_devices_follow_their_clips(store: FeatureStore, labels: np.ndarray) -> None:
    devices = np.arange(CLIPS) % 4
    for seed in (None, (1, 2)):
        batches = _pass(store, labels, shuffle_seed=seed, devices=devices)
        order = _clips(store, batches)
        hot = np.concatenate([batch["y"] for batch in batches])
        assert hot.dtype == np.float32
        np.testing.assert_array_equal(hot, np.eye(CLASSES)[labels[order]])
        found = np.concatenate([batch["device"] for batch in batches])
        np.testing.assert_array_equal(found, devices[order])


def test_positions_choose_the_clips(store: FeatureStore, labels: np.ndarray) -> None:
    positions = np.array([7, 2, 9])
    batches = _pass(store, labels[positions], positions)
    assert _clips(store, batches) == [7, 2, 9]
    assert not np.concatenate([batch["device"] for batch in batches]).any()


def test_order_follows_from_the_seed_alone(store: FeatureStore, labels: np.ndarray) -> None:
    orders = {
        seed: _clips(store, _pass(store, labels, shuffle_seed=seed))
        for seed in ((1, 1), (1, 2), (2, 1))
    }
    for order in orders.values():
        assert sorted(order) == list(range(CLIPS))
    assert len({tuple(order) for order in orders.values()}) == 3
    np.random.seed(99)
    assert _clips(store, _pass(store, labels, shuffle_seed=(1, 1))) == orders[1, 1]
    assert _clips(store, _pass(store, labels, shuffle_seed=(1, 1), batch_size=3)) == orders[1, 1]


@pytest.mark.parametrize("first", [1, 2, 3])
def test_a_pass_is_taken_up_at_any_batch(
    store: FeatureStore, labels: np.ndarray, first: int
) -> None:
    whole = _clips(store, _pass(store, labels, shuffle_seed=(5, 1)))
    rest = _pass(store, labels, shuffle_seed=(5, 1), first_batch=first)
    assert (_clips(store, rest) if rest else []) == whole[4 * first :]


def test_a_dataset_can_be_walked_again(store: FeatureStore, labels: np.ndarray) -> None:
    dataset = make_batches(
        store, np.arange(CLIPS), labels, CLASSES, batch_size=4, shuffle_seed=(3, 4)
    )
    first, second = (list(dataset.as_numpy_iterator()) for _ in range(2))
    assert _clips(store, first) == _clips(store, second)


@pytest.mark.parametrize("dtype", ["float32", "int16"])
def test_waveforms_lie_within_one(
    _tau_original: Path,
    data_config: DataConfig,
    front_end: LogMelConfig,
    names: list[str],
    labels: np.ndarray,
    tmp_path: Path,
    dtype: str,
) -> None:
    config = data_config.model_copy(update={"waveform_dtype": dtype})
    source = prepare_waveforms(_tau_original, names, config, front_end.sampling_rate, tmp_path)
    assert isinstance(source, WaveformStore)
    found = np.concatenate([batch["x"] for batch in _pass(source, labels)])
    assert found.dtype == np.float32 and 0.01 < np.abs(found).max() <= 1
    np.testing.assert_array_equal(found, source.gather(np.arange(CLIPS)))


def test_what_reading_raised_is_told(store: FeatureStore, labels: np.ndarray) -> None:
    class Damaged:
        domain = "log_mel"

        def read(self, positions: np.ndarray) -> tuple[np.ndarray, ...]:
            if 5 in positions:
                raise DataError("the shard is damaged", path="shard-1")
            return store.read(positions)

    told: list[Exception] = []
    dataset = make_batches(
        Damaged(), np.arange(CLIPS), labels, CLASSES, batch_size=4, on_error=told.append
    )
    with pytest.raises(Exception, match="damaged"):
        list(dataset)
    assert len(told) == 1 and str(told[0]).startswith("shard-1: the shard is damaged")


def test_further_arrays_travel_with_their_clips(store: FeatureStore, labels: np.ndarray) -> None:
    logits = np.arange(CLIPS * 6, dtype=np.float32).reshape(CLIPS, 2, CLASSES)
    arrays = {"teacher": logits, "weight": np.arange(CLIPS, dtype=np.float32)}
    batches = _pass(store, labels, shuffle_seed=(3,), arrays=arrays)
    order = _clips(store, batches)
    assert order != sorted(order)
    np.testing.assert_array_equal(np.concatenate([b["weight"] for b in batches]), order)
    np.testing.assert_array_equal(np.concatenate([b["teacher"] for b in batches]), logits[order])
