import numpy as np
import pytest

from dssd_tf.errors import DataError
from dssd_tf.teachers import average_logits


@pytest.fixture
def stacked() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(5, 3, 4), scale=2).astype(np.float32)


def _softmax(logits: np.ndarray) -> np.ndarray:
    exponent = np.exp(logits.astype(np.float64))
    return exponent / exponent.sum(axis=-1, keepdims=True)


def test_logits_are_averaged_by_weights_of_any_scale(stacked: np.ndarray) -> None:
    expected = (stacked[:, 0] + 3 * stacked[:, 2]) / 4
    found = average_logits(stacked, [2, 0, 6])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(average_logits(stacked), stacked.mean(axis=1), atol=1e-6)


def test_probabilities_are_averaged_in_their_own_domain(stacked: np.ndarray) -> None:
    found = average_logits(stacked, [1, 2, 5], "probabilities")
    expected = (_softmax(stacked) * np.array([1, 2, 5])[:, None] / 8).sum(axis=1)
    np.testing.assert_allclose(np.exp(found), expected, atol=1e-6)


def test_logits_far_apart_stay_finite() -> None:
    far = np.array([[[2000.0, -2000.0], [-2000.0, 2000.0]]])
    found = average_logits(far, [1, 1], "probabilities")
    np.testing.assert_allclose(found, np.log([[0.5, 0.5]]), atol=1e-6)
    assert np.isfinite(average_logits(far, [1, 0], "probabilities")).all()


@pytest.mark.parametrize("weights", [[1, 1], [1, -1, 1], [0, 0, 0], [1, np.nan, 1]])
def test_weights_that_are_none_are_refused(stacked: np.ndarray, weights: list[float]) -> None:
    with pytest.raises(DataError, match="weights"):
        average_logits(stacked, weights)


def test_an_unknown_average_is_refused(stacked: np.ndarray) -> None:
    with pytest.raises(ValueError, match="'median'"):
        average_logits(stacked, average="median")  # type: ignore[arg-type]
