import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dssd_tf.augmentation import Mixup

SIZE, CLASSES = 8, 4


def _batch(size: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Clips that hold their number everywhere, so that a mix can be read off."""
    features = np.ones((size, 3, 5, 2), np.float32) * np.arange(size)[:, None, None, None]
    labels = np.eye(CLASSES, dtype=np.float32)[np.arange(size) % CLASSES]
    return features.astype(np.float32), labels


def _mix(mixup: Mixup, seed: tuple[int, int] = (1, 2), size: int = SIZE):
    features, labels = _batch(size)
    mixed = mixup(tf.constant(features), tf.constant(labels), seed=tf.constant(seed))
    return np.asarray(mixed[0]), np.asarray(mixed[1])


def _weight(mixup: Mixup, seed: tuple[int, int]) -> float:
    """The weight of the clip itself, read off one clip of value 1 among zeros."""
    features = np.zeros((2, 1, 1, 1), np.float32)
    features[0] = 1
    labels = np.eye(2, dtype=np.float32)
    mixed, _ = mixup(tf.constant(features), tf.constant(labels), seed=tf.constant(seed))
    return float(mixed[0, 0, 0, 0])


@settings(max_examples=20, deadline=None)
@given(
    alpha=st.floats(1e-3, 50),
    share=st.floats(0.1, 1),
    size=st.integers(1, 9),
    seed=st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)),
)
def test_mass_and_range_are_kept(
    alpha: float, share: float, size: int, seed: tuple[int, int]
) -> None:
    features, labels = _mix(Mixup(alpha=alpha, share=share), seed, size)
    assert features.shape == (size, 3, 5, 2)
    assert labels.shape == (size, CLASSES)
    np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)
    assert labels.min() >= 0
    assert features.min() >= 0
    assert features.max() <= (size - 1) * (1 + 1e-6)
    # A whole batch is blended with a permutation of itself.
    if share == 1:
        np.testing.assert_allclose(labels.sum(axis=0), _batch(size)[1].sum(axis=0), atol=1e-5)


def test_features_and_labels_are_mixed_alike() -> None:
    size = CLASSES
    features, labels = _mix(Mixup(alpha=5.0), (3, 4), size)
    # With one clip a class, the label says how much of which clip is in the mix.
    np.testing.assert_allclose(features[:, 0, 0, 0], labels @ np.arange(size), atol=1e-5)
    assert np.ptp(features, axis=(1, 2, 3)).max() == 0
    assert (labels.max(axis=1) < 1).any()


def test_the_seed_decides() -> None:
    mixup = Mixup(alpha=1.0)
    first = _mix(mixup, (1, 2))
    again = _mix(mixup, (1, 2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    for other in ((1, 3), (2, 2)):
        assert not np.array_equal(first[0], _mix(mixup, other)[0])


@pytest.mark.parametrize(("share", "mixed"), [(0.5, 4), (0.25, 2), (1.0, 8)])
def test_share_mixes_the_head_of_the_batch(share: float, mixed: int) -> None:
    features, labels = _batch()
    touched = np.zeros(SIZE, dtype=bool)
    for seed in range(12):
        found = _mix(Mixup(alpha=5.0, share=share), (seed, 0))
        np.testing.assert_array_equal(found[0][mixed:], features[mixed:])
        np.testing.assert_array_equal(found[1][mixed:], labels[mixed:])
        touched |= (found[0] != features).any(axis=(1, 2, 3))
    assert touched[:mixed].all()


def test_weight_is_beta_distributed() -> None:
    weights = np.array([_weight(Mixup(alpha=0.5), (seed, 7)) for seed in range(300)])
    # A clip that is its own partner keeps weight 1; half of the pairs are.
    drawn = weights[weights < 1]
    assert 100 < len(drawn) < 200
    # Beta(0.5, 0.5) has mean 0.5 and deviation 0.354; four standard errors of the mean.
    assert abs(drawn.mean() - 0.5) < 4 * 0.354 / np.sqrt(len(drawn))
    assert abs(drawn.std() - 0.354) < 0.06


@pytest.mark.parametrize("alpha", [1e-30, 1e-6, 1e6])
def test_extreme_alpha_stays_finite(alpha: float) -> None:
    for seed in range(10):
        features, labels = _mix(Mixup(alpha=alpha), (seed, seed))
        assert np.isfinite(features).all()
        np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)


def test_in_a_graph_it_gives_the_same() -> None:
    mixup = Mixup(alpha=1.0, share=0.75)
    features, labels = _batch(11)
    dataset = tf.data.Dataset.from_tensor_slices((features, labels)).batch(SIZE).enumerate()
    mapped = dataset.map(lambda step, batch: mixup(*batch, seed=tf.random.fold_in([5, 6], step)))
    found = list(mapped.as_numpy_iterator())
    assert [len(part) for part, _ in found] == [8, 3]
    for step, (x, y) in enumerate(found):
        rows = slice(step * SIZE, (step + 1) * SIZE)
        expected = mixup(
            tf.constant(features[rows]),
            tf.constant(labels[rows]),
            seed=tf.random.fold_in([5, 6], tf.constant(step, tf.int64)),
        )
        np.testing.assert_allclose(x, expected[0], rtol=1e-6)
        np.testing.assert_allclose(y, expected[1], rtol=1e-6)


@pytest.mark.parametrize(
    "setting",
    [{"alpha": 0}, {"alpha": -1}, {"share": 0}, {"share": 1.1}, {"from_epoch": 0}, {"beta": 1}],
)
def test_settings_out_of_range(setting: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(setting))):
        Mixup.model_validate(setting)


def test_describes_itself() -> None:
    assert Mixup().describe() == "mixup"
