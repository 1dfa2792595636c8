import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.evaluation.metrics import clip_losses, log_loss, macro_accuracy
from dssd_tf.evaluation.recording_sums import RecordingSums

CLASSES = 4


def _clips(seed: int, clips: int = 30) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Truth, probabilities and recordings, which may hold clips of several classes."""
    random = np.random.default_rng(seed)
    recordings = [f"place-{n}" for n in random.integers(6, size=clips)]
    probabilities = random.dirichlet(np.ones(CLASSES), size=clips)
    return random.integers(CLASSES, size=clips), probabilities, recordings


def _sums(truth: np.ndarray, probabilities: np.ndarray, recordings: list[str]) -> RecordingSums:
    losses = clip_losses(truth, probabilities)
    return RecordingSums.of(truth, probabilities.argmax(axis=1), losses, recordings, CLASSES)


def test_sums_by_hand() -> None:
    truth, predicted = np.array([0, 1, 1, 0, 3]), np.array([0, 1, 2, 2, 3])
    losses = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    found = RecordingSums.of(truth, predicted, losses, ["b", "a", "b", "b", "a"], CLASSES)
    np.testing.assert_array_equal(found.clips, [[0, 1, 0, 1], [2, 1, 0, 0]])
    np.testing.assert_array_equal(found.correct, [[0, 1, 0, 1], [1, 0, 0, 0]])
    np.testing.assert_array_equal(found.loss, [7, 8])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_weights_are_clips_that_occur_as_often(seed: int) -> None:
    truth, probabilities, recordings = _clips(seed)
    names = sorted(set(recordings))
    weights = np.random.default_rng(seed).integers(3, size=len(names))
    weights[0] += 1  # one recording at least
    repeats = np.array([weights[names.index(name)] for name in recordings])
    accuracy, loss = _sums(truth, probabilities, recordings).figures(weights[None].astype(float))
    truth, probabilities = (np.repeat(a, repeats, axis=0) for a in (truth, probabilities))
    # A class that the weights leave without a clip is left out here too.
    assert accuracy[0] == pytest.approx(macro_accuracy(truth, probabilities.argmax(axis=1)))
    assert loss[0] == pytest.approx(log_loss(truth, probabilities))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_sums_of_a_difference_give_the_difference(seed: int) -> None:
    truth, probabilities, recordings = _clips(seed)
    other = _clips(seed + 1)[1]
    a, b = (_sums(truth, p, recordings) for p in (probabilities, other))
    weights = np.random.default_rng(seed).integers(1, 4, (5, len(a.loss))).astype(float)
    for found, of_a, of_b in zip(
        b.minus(a).figures(weights), a.figures(weights), b.figures(weights), strict=True
    ):
        np.testing.assert_allclose(found, of_b - of_a, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_shares_add_up_to_the_macro_accuracy(seed: int) -> None:
    truth, probabilities, recordings = _clips(seed)
    shares = _sums(truth, probabilities, recordings).shares()
    assert len(shares) == len(set(recordings))
    expected = macro_accuracy(truth, probabilities.argmax(axis=1))
    assert shares.sum() == pytest.approx(expected)
