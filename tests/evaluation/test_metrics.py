import json
import math

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dssd_tf.evaluation.metrics import agreement, log_loss, macro_accuracy, score
from dssd_tf.evaluation.predictor import softmax

CLASSES = ["bus", "metro", "tram"]
SEEN = ("seen", "unseen")

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


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_log_loss_of_the_largest_float16_logits(dtype: type) -> None:
    logits = np.array([[65504, -65504, 0], [-65504, -65504, -65504]], dtype=dtype)
    probabilities = softmax(logits)
    assert log_loss(np.array([1, 0]), probabilities) == pytest.approx(
        (-math.log(1e-15) + math.log(3)) / 2
    )
    assert log_loss(np.array([0, 0]), probabilities) == pytest.approx(math.log(3) / 2)


@settings(max_examples=60, deadline=None)
@given(
    logits=st.sampled_from((np.float16, np.float32)).flatmap(
        lambda dtype: hnp.arrays(
            dtype,
            (3, 4),
            elements=st.floats(width=np.dtype(dtype).itemsize * 8, allow_nan=False).filter(
                math.isfinite
            ),
        )
    ),
)
def test_log_loss_is_finite_for_any_finite_logits(logits: np.ndarray) -> None:
    for label in range(4):
        found = log_loss(np.full(3, label), softmax(logits))
        assert 0 <= found <= -math.log(1e-15) + 1e-9


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
    return score(
        truth,
        probabilities,
        CLASSES,
        devices=["a", "b", "b", "a", "a"],
        recordings=["bus-1", "bus-1", "bus-2", "tram-1", "tram-2"],
        trained_devices={"a"},
    )


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


def test_class_device_has_the_cells_with_clips(scored: dict) -> None:
    assert {label: list(row) for label, row in scored["class_device"].items()} == {
        "bus": ["a", "b"],
        "tram": ["a"],
    }
    assert scored["class_device"]["bus"]["b"] == {
        "samples": 2,
        "accuracy": pytest.approx(1 / 2),
        "log_loss": pytest.approx(_cost(0.1, 0.6)),
    }
    assert scored["class_device"]["tram"]["a"]["samples"] == 2


def test_device_groups_are_scored_like_devices(scored: dict) -> None:
    groups, devices = scored["device_groups"], scored["device_wise"]
    assert list(groups) == ["seen", "unseen", "real"]
    assert groups["seen"] == devices["a"] and groups["unseen"] == devices["b"]
    # Not the mean of the devices' accuracies: the classes weigh the same.
    assert groups["real"] == {
        "samples": 5,
        "accuracy": pytest.approx((2 / 3 + 1 / 2) / 2),
        "log_loss": pytest.approx(scored["log_loss"]),
    }


def test_calibration_is_of_the_top_probability(scored: dict) -> None:
    rows = [row for row in scored["calibration"]["bins"] if row["samples"]]
    assert [row["confidence"] for row in rows] == pytest.approx([0.5, 0.6, 0.7, 0.8])
    assert [row["accuracy"] for row in rows] == [0, 1, 1, 0.5]
    assert scored["calibration"]["ece"] == pytest.approx((0.5 + 0.4 + 0.3 + 2 * 0.3) / 5)


def test_intervals_are_of_recordings(scored: dict) -> None:
    found = scored["intervals"]
    assert (found["level"], found["resamples"], found["clusters"]) == (0.95, 1000, 4)
    for name in ("macro_accuracy", "log_loss"):
        low, high = found[name]
        assert low < scored[name] < high


def test_one_recording_has_no_interval() -> None:
    options = {"devices": ["a"] * 2, "recordings": ["r"] * 2, "trained_devices": {"a"}}
    found = score(np.array([0, 1]), np.eye(2), ["bus", "metro"], **options)
    assert found["intervals"] is None


@settings(max_examples=15, deadline=None)
@given(drawn=_clips)
def test_the_order_of_the_clips_does_not_matter(drawn: tuple[int, int, int]) -> None:
    truth, probabilities = _random(*drawn)
    labels = [f"class{i}" for i in range(probabilities.shape[1])]
    names = np.arange(len(truth))

    def scores(order: np.ndarray) -> dict:
        return score(
            truth[order],
            probabilities[order],
            labels,
            devices=[("a", "s1", "s4")[i % 3] for i in order],
            recordings=[f"r{i % 7}" for i in order],
            trained_devices={"a"},
            resamples=20,
        )

    order = np.random.default_rng(drawn[2]).permutation(len(truth))
    assert _flat(scores(order)) == pytest.approx(_flat(scores(names)), rel=1e-9)


def _flat(value: object, name: str = "") -> dict[str, object]:
    """Every value of nested mappings and lists, by its path."""
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return {k: v for key, each in inner for k, v in _flat(each, f"{name}/{key}").items()}
    return {name: -1 if value is None else value}


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
    result = score(
        truth,
        probabilities,
        labels,
        devices=devices,
        recordings=[f"r{i % 5}" for i in range(len(truth))],
        trained_devices={"b"},
        resamples=20,
    )
    seen = {name: result["device_groups"].get(name, {"samples": 0, "log_loss": 0}) for name in SEEN}
    cells = {(c, d): cell for c, row in result["class_device"].items() for d, cell in row.items()}
    for part in (result["class_wise"], result["device_wise"], seen, cells):
        groups = part.values()
        assert sum(g["samples"] for g in groups) == result["samples"] == len(truth)
        total = sum(g["samples"] * g["log_loss"] for g in groups)
        assert total / len(truth) == pytest.approx(result["log_loss"])
    for device, scores in result["device_wise"].items():
        shares = [cell["accuracy"] for (_, d), cell in cells.items() if d == device]
        assert np.mean(shares) == pytest.approx(scores["accuracy"])
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
