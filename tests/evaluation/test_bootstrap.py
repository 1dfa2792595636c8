import numpy as np
import pytest

from dssd_tf.evaluation import bootstrap
from dssd_tf.evaluation.bootstrap import intervals
from dssd_tf.evaluation.recording_sums import RecordingSums

CLASSES = 3


def _clustered(seed: int, recordings: int = 45, clips: int = 12) -> tuple[np.ndarray, ...]:
    """Clips of recordings of which some are easy and others hard: 0.5 are right on average."""
    random = np.random.default_rng(seed)
    scene = np.arange(recordings) % CLASSES
    right = random.random((recordings, clips)) < random.beta(0.7, 0.7, (recordings, 1))
    truth = np.repeat(scene, clips)
    predicted = np.where(right.ravel(), truth, (truth + 1) % CLASSES)
    # Losses of a recording are alike too, with mean 1.
    losses = random.exponential(1, (recordings, 1)) * random.uniform(0.5, 1.5, (recordings, clips))
    names = np.repeat([f"r{n}" for n in range(recordings)], clips)
    return truth, predicted, losses.ravel(), names


def _coverage(alone: bool, figure: str, truth: float) -> float:
    """Share of simulated sets whose interval holds the truth.

    Args:
        alone: Whether each clip passes for a recording of its own.
        figure: Of the intervals.
        truth: Its true value.
    """
    held = 0
    for seed in range(250):
        *clips, names = _clustered(seed)
        clusters = [str(n) for n in range(len(names))] if alone else list(names)
        found = intervals(RecordingSums.of(*clips, clusters, CLASSES), resamples=250, seed=seed)
        assert found is not None
        low, high = found[figure]
        held += low <= truth <= high
    return held / 250


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    assert 0.90 <= _coverage(False, "macro_accuracy", 0.5) <= 0.98
    # A mean of skewed values: the percentile interval is known to be a little short.
    assert 0.86 <= _coverage(False, "log_loss", 1.0) <= 0.98


def test_clips_taken_for_independent_would_promise_too_much() -> None:
    assert _coverage(True, "macro_accuracy", 0.5) < 0.7


@pytest.fixture
def sums() -> RecordingSums:
    *clips, names = _clustered(0)
    return RecordingSums.of(*clips, list(names), CLASSES)


def test_what_the_interval_tells_of_itself(sums: RecordingSums) -> None:
    found = intervals(sums, resamples=40)
    assert found is not None
    assert (found["level"], found["resamples"], found["clusters"]) == (0.95, 40, 45)
    accuracy, loss = sums.figures(np.ones((1, 45)))
    assert found["macro_accuracy"][0] < accuracy[0] < found["macro_accuracy"][1]
    assert found["log_loss"][0] < loss[0] < found["log_loss"][1]


def test_the_seed_decides(sums: RecordingSums) -> None:
    assert intervals(sums, resamples=50, seed=3) == intervals(sums, resamples=50, seed=3)
    assert intervals(sums, resamples=50, seed=3) != intervals(sums, resamples=50, seed=4)


def test_the_standard_error_is_that_of_the_mean_of_clusters(sums: RecordingSums) -> None:
    """With recordings of one size, the log loss is a mean over recordings."""
    found = intervals(sums, resamples=4000, level=0.6827)
    assert found is not None
    low, high = found["log_loss"]
    error = (sums.loss / sums.clips.sum(axis=1)).std() / np.sqrt(45)
    assert (high - low) / 2 == pytest.approx(error, rel=0.06)


def test_parts_make_no_difference(sums: RecordingSums, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = intervals(sums, resamples=50)
    monkeypatch.setattr(bootstrap, "_WEIGHTS", 45 * 7 + 3)
    assert intervals(sums, resamples=50) == whole


def test_one_recording_tells_nothing_of_others() -> None:
    truth = np.array([0, 1, 2])
    sums = RecordingSums.of(truth, truth, np.ones(3), ["r"] * 3, CLASSES)
    assert intervals(sums) is None


def test_a_class_with_one_recording_is_left_out_where_it_was_not_drawn() -> None:
    """Without it all is right, with it half of the classes: no figure lies between."""
    truth, predicted = np.array([0, 0, 0, 1]), np.array([0, 0, 0, 2])
    sums = RecordingSums.of(truth, predicted, np.ones(4), ["a", "b", "c", "d"], CLASSES)
    weights = np.array([[2, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0, 4]], dtype=float)
    np.testing.assert_array_equal(sums.figures(weights)[0], [1, 0.5, 0])
    found = intervals(sums, resamples=400)
    assert found is not None and found["macro_accuracy"] == [0.5, 1.0]
