import numpy as np
import pytest
from numpy.typing import NDArray

from dssd_tf.evaluation.predictor import log_softmax
from dssd_tf.explanation import occlude

TIME, BANDS = 12, 10


class Linear:
    """Logits are weighted sums of the features."""

    input_shape = (TIME, BANDS, 2)

    def __init__(self, weights: NDArray[np.float32]):
        self.weights, self.batches = weights, []

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        self.batches.append(len(features))
        return np.tensordot(features, self.weights, axes=3).astype(np.float32)


@pytest.fixture
def features() -> NDArray[np.float32]:
    values = np.random.default_rng(0).normal(size=(TIME, BANDS, 2)).astype(np.float32)
    return values - values.mean(axis=(0, 1))


@pytest.fixture
def one_spot() -> Linear:
    """The second of two classes, with a coarse one behind them, looks at one spot alone."""
    weights = np.zeros((TIME, BANDS, 2, 3), np.float32)
    weights[7, 2, 0, 1] = 1.0
    weights[:, :, :, 2] = 9.0
    return Linear(weights)


def test_only_the_patch_that_is_looked_at_has_an_effect(
    features: NDArray[np.float32], one_spot: Linear
) -> None:
    features[7, 2, 0] = 3.0
    found = occlude(one_spot, features, 2, patches=(4, 5))
    assert found.label == 1
    np.testing.assert_array_equal(found.time_edges, [0, 3, 6, 9, 12])
    np.testing.assert_array_equal(found.band_edges, [0, 2, 4, 6, 8, 10])
    assert found.effects.shape == (4, 5)
    blank = float(features[:, :, 0].mean())
    expected = log_softmax(np.array([[0.0, 3.0], [0.0, blank]]))[:, 1]
    assert found.effects[2, 1] == pytest.approx(expected[0] - expected[1], abs=1e-5)
    others = np.delete(found.effects.ravel(), 2 * 5 + 1)
    np.testing.assert_allclose(others, 0, atol=1e-6)
    assert found.low == pytest.approx(found.effects[2, 1], abs=1e-5)
    assert found.high == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(found.probabilities, np.exp(log_softmax(np.array([[0.0, 3.0]])))[0])


def test_what_speaks_against_a_class_is_below_zero(
    features: NDArray[np.float32], one_spot: Linear
) -> None:
    features[7, 2, 0] = 3.0
    found = occlude(one_spot, features, 2, label=0, patches=(4, 5))
    assert found.label == 0
    assert found.effects[2, 1] < -1


def test_a_linear_network_without_softmax_gives_its_own_sums(
    features: NDArray[np.float32],
) -> None:
    """Between two logits that are a sum and its negative, half the odds' change is the sum's."""
    weights = np.random.default_rng(1).normal(size=(TIME, BANDS, 2)).astype(np.float32) / 20
    found = [
        occlude(Linear(np.stack([weights, -weights], axis=-1)), features, 2, label=label)
        for label in (0, 1)
    ]
    odds = found[0].effects - found[1].effects
    total = (features - features.mean(axis=(0, 1))) * weights
    assert odds.sum() == pytest.approx(2 * total.sum(), abs=1e-4)
    assert found[0].low + found[0].high != 0


def test_the_clip_is_left_as_it_was_and_batches_are_bounded(
    features: NDArray[np.float32], one_spot: Linear
) -> None:
    before = features.copy()
    occlude(one_spot, features, 2, patches=(TIME, BANDS))
    np.testing.assert_array_equal(features, before)
    assert sum(one_spot.batches) == TIME * BANDS + 3 and max(one_spot.batches) <= 64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"patches": (13, 2)}, "13 patches of a time axis of 12: give 1 to 12"),
        ({"patches": (2, 0)}, "0 patches of a frequency axis of 10"),
        ({"label": 2}, "no class 2 among 2"),
    ],
)
def test_what_cannot_be_done_is_told(
    features: NDArray[np.float32], one_spot: Linear, change: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        occlude(one_spot, features, 2, **change)


def test_a_batch_is_not_a_clip(features: NDArray[np.float32], one_spot: Linear) -> None:
    with pytest.raises(ValueError, match=r"expected \(time, frequency, channels\)"):
        occlude(one_spot, features[None], 2)
