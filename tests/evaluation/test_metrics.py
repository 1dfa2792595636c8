import json
import math

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.evaluation.metrics import agreement, log_loss, macro_accuracy, score

CLASSES = ["bus", "metro", "tram"]

# Sums of rows of up to five classes; the truth need not hold every class.
_clips = st.tuples(st.integers(2, 5), st.integers(1, 40), st.integers(0, 2**32 - 1))


def _random(classes: int, clips: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.integers(classes, size=clips)
    probabilities = random.dirichlet(np.full(classes, 0.5), size=clips)
    # Far enough from 0 that it does not matter where a probability is clipped.
    probabilities = (probabilities + 1e-6) / (1 + classes * 1e-6)
    return truth, probabilities


@settings(max_examples=50, deadline=None)
@given(drawn=_clips)
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:A single label was found")
def test_macro_accuracy_is_balanced_accuracy(drawn: tuple[int, int, int]) -> None:
    truth, probabilities = _random(*drawn)
    predicted = probabilities.argmax(axis=1)
    expected = sklearn.metrics.balanced_accuracy_score(truth, predicted)
    assert macro_accuracy(truth, predicted) == pytest.approx(expected)


@settings(max_examples=50, deadline=None)
@given(drawn=_clips)
def test_log_loss_is_that_of_scikit_learn(drawn: tuple[int, int, int]) -> None:
    truth, probabilities = _random(*drawn)
    expected = sklearn.metrics.log_loss(
        truth, probabilities, labels=list(range(probabilities.shape[1]))
    )
    assert log_loss(truth, probabilities) == pytest.approx(expected, rel=1e-9)


def test_every_class_weighs_the_same() -> None:
    truth = np.array([0] * 98 + [1, 1])
    predicted = np.zeros(100, dtype=np.int64)
    assert macro_accuracy(truth, predicted) == 0.5


def test_no_clips() -> None:
    nothing = np.array([], dtype=np.int64)
    with pytest.raises(ValueError, match="no clips to score"):
        macro_accuracy(nothing, nothing)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probability_zero_costs_a_finite_amount(dtype: type) -> None:
    probabilities = np.array([[0, 1, 0], [0, 1, 0]], dtype=dtype)
    assert log_loss(np.array([0, 0]), probabilities) == pytest.approx(-math.log(1e-15))
    assert log_loss(np.array([1, 1]), probabilities) == pytest.approx(0, abs=1e-12)
    assert log_loss(np.array([0, 1]), probabilities) == pytest.approx(-math.log(1e-15) / 2)


def test_log_loss_of_known_values() -> None:
    probabilities = np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]])
    expected = (math.log(2) - math.log(0.8)) / 2
    assert log_loss(np.array([0, 1]), probabilities) == pytest.approx(expected)
    # Rows that do not sum to one are brought to one.
    assert log_loss(np.array([0, 1]), probabilities / 2) == pytest.approx(expected)


@pytest.fixture
def scored() -> dict:
    """Two classes present of three; device b has one class only."""
    truth = np.array([0, 0, 0, 2, 2])
    probabilities = np.array(
        [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8], [0.5, 0.1, 0.4]]
    )
    return score(truth, probabilities, ["a", "b", "b", "a", "a"], CLASSES)


def _cost(*probabilities: float) -> float:
    return float(-np.log(probabilities).mean())


def test_totals(scored: dict) -> None:
    assert scored["samples"] == 5
    assert scored["macro_accuracy"] == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert scored["log_loss"] == pytest.approx(_cost(0.7, 0.1, 0.6, 0.8, 0.4))


def test_class_wise_leaves_out_classes_without_clips(scored: dict) -> None:
    assert list(scored["class_wise"]) == ["bus", "tram"]
    assert scored["class_wise"]["bus"] == {
        "samples": 3,
        "accuracy": pytest.approx(2 / 3),
        "log_loss": pytest.approx(_cost(0.7, 0.1, 0.6)),
    }
    assert scored["class_wise"]["tram"] == {
        "samples": 2,
        "accuracy": pytest.approx(1 / 2),
        "log_loss": pytest.approx(_cost(0.8, 0.4)),
    }


def test_device_wise_accuracy_is_the_mean_over_its_classes(scored: dict) -> None:
    assert scored["device_wise"] == {
        "a": {
            "samples": 3,
            "accuracy": pytest.approx((1 + 1 / 2) / 2),
            "log_loss": pytest.approx(_cost(0.7, 0.8, 0.4)),
        },
        "b": {
            "samples": 2,
            "accuracy": pytest.approx(1 / 2),
            "log_loss": pytest.approx(_cost(0.1, 0.6)),
        },
    }


def test_confusion_matrix_has_every_class(scored: dict) -> None:
    assert scored["confusion_matrix"] == [[2, 1, 0], [0, 0, 0], [1, 0, 1]]


def test_score_can_be_written_as_json(scored: dict) -> None:
    assert json.loads(json.dumps(scored, allow_nan=False)) == scored


@settings(max_examples=25, deadline=None)
@given(drawn=_clips)
def test_parts_add_up_to_the_whole(drawn: tuple[int, int, int]) -> None:
    truth, probabilities = _random(*drawn)
    labels = [f"class{i}" for i in range(probabilities.shape[1])]
    devices = ["abc"[i % 3] for i in range(len(truth))]
    result = score(truth, probabilities, devices, labels)
    for part in ("class_wise", "device_wise"):
        groups = result[part].values()
        assert sum(g["samples"] for g in groups) == result["samples"] == len(truth)
        total = sum(g["samples"] * g["log_loss"] for g in groups)
        assert total / len(truth) == pytest.approx(result["log_loss"])
    recalls = [group["accuracy"] for group in result["class_wise"].values()]
    assert np.mean(recalls) == pytest.approx(result["macro_accuracy"])
    expected = sklearn.metrics.confusion_matrix(
        truth, probabilities.argmax(axis=1), labels=range(len(labels))
    )
    assert result["confusion_matrix"] == expected.tolist()


def test_agreement() -> None:
    reference = np.array([[1.0, 2.0], [3.0, 0.0]])
    assert agreement(reference, reference) == {
        "argmax": 1.0,
        "mean_abs_logit": 0.0,
        "max_abs_logit": 0.0,
    }
    assert agreement(reference, np.array([[1.0, 0.5], [3.0, 0.5]])) == {
        "argmax": 0.5,
        "mean_abs_logit": 0.5,
        "max_abs_logit": 1.5,
    }
