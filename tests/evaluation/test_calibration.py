import numpy as np
import pytest
import sklearn.calibration
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.evaluation.calibration import BINS, calibration


def test_a_case_by_hand() -> None:
    truth = np.array([0, 0, 0, 0])
    top = np.array([0.95, 0.99, 0.62, 0.55])
    probabilities = np.column_stack([top, 1 - top])
    probabilities[1] = probabilities[1, ::-1]  # sure, and wrong
    found = calibration(truth, probabilities, bins=5)
    # Of (0.4, 0.6]: right at 0.55; of (0.6, 0.8]: right at 0.62; of (0.8, 1]: half at 0.97.
    assert found["ece"] == pytest.approx((0.45 + 0.38 + 2 * 0.47) / 4)
    assert [row["samples"] for row in found["bins"]] == [0, 0, 1, 1, 2]
    assert found["bins"][0] == {
        "low": 0.0,
        "high": pytest.approx(0.2),
        "samples": 0,
        "confidence": None,
        "accuracy": None,
    }
    assert found["bins"][4] == {
        "low": pytest.approx(0.8),
        "high": 1.0,
        "samples": 2,
        "confidence": pytest.approx(0.97),
        "accuracy": 0.5,
    }


def test_a_bin_holds_its_upper_end() -> None:
    probabilities = np.array([[0.5, 0.5], [0.75, 0.25], [1.0, 0.0]])
    found = calibration(np.zeros(3, np.int64), probabilities, bins=4)
    assert [row["samples"] for row in found["bins"]] == [0, 1, 1, 1]


@settings(max_examples=40, deadline=None)
@given(clips=st.integers(1, 200), classes=st.integers(2, 6), seed=st.integers(0, 2**32 - 1))
def test_bins_are_those_of_scikit_learn(clips: int, classes: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.full(classes, 0.5), size=clips)
    truth = random.integers(classes, size=clips)
    found = calibration(truth, probabilities)
    assert len(found["bins"]) == BINS
    used = [row for row in found["bins"] if row["samples"]]
    correct = (probabilities.argmax(axis=1) == truth).astype(int)
    accuracy, confidence = sklearn.calibration.calibration_curve(
        np.append(correct, [0, 1]),  # both outcomes must occur there
        np.append(probabilities.max(axis=1), [0.0, 0.0]),  # in a bin that no clip can be in
        n_bins=BINS,
    )
    np.testing.assert_allclose([row["accuracy"] for row in used], accuracy[1:])
    np.testing.assert_allclose([row["confidence"] for row in used], confidence[1:])
    weights = [row["samples"] / clips for row in used]
    expected = np.sum(weights * np.abs(accuracy[1:] - confidence[1:]))
    assert found["ece"] == pytest.approx(expected)


def test_answers_as_sure_as_they_are_right_have_a_small_error() -> None:
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.full(4, 0.5), size=20_000)
    truth = (probabilities.cumsum(axis=1) < random.random((20_000, 1))).sum(axis=1)
    assert calibration(truth, probabilities)["ece"] < 0.015
    sharper = probabilities**3 / (probabilities**3).sum(axis=1, keepdims=True)
    assert calibration(truth, sharper)["ece"] > 0.1


def test_no_clips() -> None:
    with pytest.raises(ValueError, match="no clips"):
        calibration(np.zeros(0, np.int64), np.zeros((0, 3)))
