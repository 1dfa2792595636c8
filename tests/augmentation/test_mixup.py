from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dssd_tf.augmentation import Mixup

SIZE, CLASSES = 8, 4


def _batch(size: int = SIZE) -> dict[str, Any]:
    """Clips that hold their number everywhere, so that a mix can be read off."""
    features = np.ones((size, 3, 5, 2)) * np.arange(size)[:, None, None, None]
    labels = np.eye(CLASSES, dtype=np.float32)[np.arange(size) % CLASSES]
    return {"x": tf.constant(features, tf.float32), "y": tf.constant(labels)}


def _mix(
    mixup: Mixup, seed: tuple[int, int] = (1, 2), size: int = SIZE
) -> tuple[np.ndarray, np.ndarray]:
    mixed = mixup(_batch(size), seed=tf.constant(seed))
    return np.asarray(mixed["x"]), np.asarray(mixed["y"])


def _weights(mixup: Mixup, seed: tuple[int, int], size: int) -> np.ndarray:
    """The weight of each clip itself; 1 where it is its own partner."""
    labels = tf.eye(size)
    mixed = mixup({"x": tf.zeros((size, 1, 1, 1)), "y": labels}, seed=tf.constant(seed))
    return np.diag(mixed["y"])


@settings(max_examples=20, deadline=None)
@given(
    alpha=st.floats(1e-3, 50),
    share=st.floats(0.1, 1),
    per_clip=st.booleans(),
    size=st.integers(1, 9),
    seed=st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)),
)
def test_mass_and_range_are_kept(
    alpha: float, share: float, per_clip: bool, size: int, seed: tuple[int, int]
) -> None:
    features, labels = _mix(Mixup(alpha=alpha, share=share, per_clip=per_clip), seed, size)
    assert features.shape == (size, 3, 5, 2)
    assert labels.shape == (size, CLASSES)
    np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)
    assert labels.min() >= 0
    assert features.min() >= 0
    assert features.max() <= (size - 1) * (1 + 1e-6)
    # A whole batch is blended with a permutation of itself.
    if share == 1 and not per_clip:
        whole = np.asarray(_batch(size)["y"])
        np.testing.assert_allclose(labels.sum(axis=0), whole.sum(axis=0), atol=1e-5)


@pytest.mark.parametrize("per_clip", [False, True])
def test_features_and_labels_are_mixed_alike(per_clip: bool) -> None:
    features, labels = _mix(Mixup(alpha=5.0, per_clip=per_clip), (3, 4), CLASSES)
    # With one clip a class, the label says how much of which clip is in the mix.
    np.testing.assert_allclose(features[:, 0, 0, 0], labels @ np.arange(CLASSES), atol=1e-5)
    assert np.ptp(features, axis=(1, 2, 3)).max() == 0
    assert (labels.max(axis=1) < 1).any()


def test_whatever_else_the_batch_holds_is_mixed_likewise() -> None:
    batch = {**_batch(), "teacher": 3 * _batch()["y"], "device": tf.range(SIZE)}
    mixed = Mixup(alpha=5.0)(batch, seed=tf.constant((3, 4)))
    np.testing.assert_allclose(mixed["teacher"], 3 * mixed["y"], rtol=1e-6)
    np.testing.assert_array_equal(mixed["device"], range(SIZE))


@pytest.mark.parametrize(("share", "mixed"), [(0.5, 4), (0.25, 2), (1.0, 8)])
@pytest.mark.parametrize("per_clip", [False, True])
def test_share_mixes_the_head_of_the_batch(share: float, mixed: int, per_clip: bool) -> None:
    features, labels = (np.asarray(value) for value in _batch().values())
    touched = np.zeros(SIZE, dtype=bool)
    for seed in range(12):
        found = _mix(Mixup(alpha=5.0, share=share, per_clip=per_clip), (seed, 0))
        np.testing.assert_array_equal(found[0][mixed:], features[mixed:])
        np.testing.assert_array_equal(found[1][mixed:], labels[mixed:])
        touched |= (found[0] != features).any(axis=(1, 2, 3))
    assert touched[:mixed].all()


def test_one_weight_a_batch_is_beta_distributed() -> None:
    pair = {"x": tf.zeros((2, 1, 1, 1)), "y": tf.eye(2)}
    mix = tf.function(lambda seed: Mixup(alpha=0.5)(pair, seed=seed)["y"])
    mixed = np.stack([mix(tf.constant((seed, 7))) for seed in range(300)])
    weights = mixed[:, 0, 0]
    np.testing.assert_array_equal(weights, mixed[:, 1, 1])
    # A clip that is its own partner keeps weight 1; half of the pairs are.
    drawn = weights[weights < 1]
    assert 100 < len(drawn) < 200
    # Beta(0.5, 0.5) has mean 0.5 and deviation 0.354; four standard errors of the mean.
    assert abs(drawn.mean() - 0.5) < 4 * 0.354 / np.sqrt(len(drawn))
    assert abs(drawn.std() - 0.354) < 0.06


def test_one_weight_a_clip_is_beta_distributed() -> None:
    weights = _weights(Mixup(alpha=0.5, per_clip=True), (1, 7), 400)
    drawn = weights[weights < 1]
    assert len(np.unique(drawn)) > 300
    assert abs(drawn.mean() - 0.5) < 4 * 0.354 / np.sqrt(len(drawn))
    assert abs(drawn.std() - 0.354) < 0.06


def test_probability_leaves_the_mix_of_others_as_it_is() -> None:
    always = Mixup(alpha=5.0, per_clip=True)
    some = Mixup(alpha=5.0, per_clip=True, probability=0.5)
    full, part = _weights(always, (1, 1), 60), _weights(some, (1, 1), 60)
    assert ((part == full) | (part == 1)).all()
    assert 0 < np.sum(part != full) < 60


@pytest.mark.parametrize("alpha", [1e-30, 1e-6, 1e6])
def test_extreme_alpha_stays_finite(alpha: float) -> None:
    for seed in range(10):
        features, labels = _mix(Mixup(alpha=alpha), (seed, seed))
        assert np.isfinite(features).all()
        np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    "setting", [{"alpha": 0}, {"alpha": -1}, {"share": 0}, {"share": 1.1}, {"beta": 1}]
)
def test_settings_out_of_range(setting: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(setting))):
        Mixup.model_validate(setting)


def test_describes_itself() -> None:
    assert Mixup().describe() == "mixup"
