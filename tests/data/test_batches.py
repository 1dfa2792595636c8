from pathlib import Path

import numpy as np
import pytest

from dssd_tf.data import DataConfig, FeatureStore, prepare_features, read_dataset
from dssd_tf.data.batches import make_batches
from dssd_tf.features import LogMelConfig

CLASSES = 3


@pytest.fixture(scope="module")
def store(
    _tau_original: Path,
    data_config: DataConfig,
    front_end: LogMelConfig,
    tmp_path_factory: pytest.TempPathFactory,
) -> FeatureStore:
    names = read_dataset(_tau_original, data_config).filenames[:10]
    cache = tmp_path_factory.mktemp("cache")
    return prepare_features(_tau_original, names, data_config, front_end, cache)


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    return np.array([0, 1, 2, 2, 1, 0, 0, 1, 2, 0])


def _pass(store, labels, positions=None, seed=None, batch_size=4):
    positions = np.arange(10) if positions is None else positions
    dataset = make_batches(
        store, positions, labels, CLASSES, batch_size=batch_size, shuffle_seed=seed
    )
    return list(dataset.as_numpy_iterator())


def _clips(store: FeatureStore, batches: list) -> list[int]:
    """Which clip each row is: the features of all clips differ."""
    everything = store.gather(np.arange(len(store)))
    rows = np.concatenate([features for features, _ in batches])
    return [int(np.flatnonzero((everything == row).all(axis=(1, 2, 3)))[0]) for row in rows]


def test_one_pass_keeps_order_and_remainder(store: FeatureStore, labels: np.ndarray) -> None:
    batches = _pass(store, labels)
    assert [features.shape for features, _ in batches] == [(n, 4, 16, 2) for n in (4, 4, 2)]
    assert _clips(store, batches) == list(range(10))
    dataset = make_batches(store, np.arange(10), labels, CLASSES, batch_size=4)
    assert int(dataset.cardinality()) == 3


def test_labels_are_one_hot_and_follow_their_clips(store: FeatureStore, labels: np.ndarray) -> None:
    for seed in (None, (1, 2)):
        batches = _pass(store, labels, seed=seed)
        hot = np.concatenate([targets for _, targets in batches])
        assert hot.dtype == np.float32
        np.testing.assert_array_equal(hot, np.eye(CLASSES)[labels[_clips(store, batches)]])


def test_positions_choose_the_clips(store: FeatureStore, labels: np.ndarray) -> None:
    positions = np.array([7, 2, 9])
    assert _clips(store, _pass(store, labels[positions], positions)) == [7, 2, 9]


def test_order_follows_from_the_seed_alone(store: FeatureStore, labels: np.ndarray) -> None:
    orders = {
        seed: _clips(store, _pass(store, labels, seed=seed)) for seed in ((1, 1), (1, 2), (2, 1))
    }
    for order in orders.values():
        assert sorted(order) == list(range(10))
    assert len({tuple(order) for order in orders.values()}) == 3
    np.random.seed(99)
    assert _clips(store, _pass(store, labels, seed=(1, 1))) == orders[1, 1]
    assert _clips(store, _pass(store, labels, seed=(1, 1), batch_size=3)) == orders[1, 1]


def test_a_dataset_can_be_walked_again(store: FeatureStore, labels: np.ndarray) -> None:
    dataset = make_batches(store, np.arange(10), labels, CLASSES, batch_size=4, shuffle_seed=(3, 4))
    first, second = (list(dataset.as_numpy_iterator()) for _ in range(2))
    assert _clips(store, first) == _clips(store, second)
