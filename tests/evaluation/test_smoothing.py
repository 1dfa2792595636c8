import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dssd_tf.evaluation.predictor import log_softmax, softmax
from dssd_tf.evaluation.smoothing import Smoother, clips_within

LOGITS = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(2, 5)),
    elements=st.floats(-60, 60),
)


@settings(max_examples=60, deadline=None)
@given(logits=LOGITS, clips=st.integers(1, 6))
def test_a_constant_input_is_unchanged(logits: np.ndarray, clips: int) -> None:
    smooth, expected = Smoother(clips), softmax(logits[:1])[0]
    for _ in range(8):
        np.testing.assert_allclose(smooth(log_softmax(logits[:1])[0]), expected, rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(logits=LOGITS)
def test_one_clip_is_no_smoothing(logits: np.ndarray) -> None:
    smooth = Smoother(1)
    found = [smooth(row) for row in log_softmax(logits)]
    np.testing.assert_allclose(found, softmax(logits), rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(logits=LOGITS, clips=st.integers(1, 6))
def test_it_is_the_normalised_geometric_mean_of_the_last(logits: np.ndarray, clips: int) -> None:
    smooth, probabilities = Smoother(clips), softmax(logits)
    for index, row in enumerate(log_softmax(logits)):
        found = smooth(row)
        last = probabilities[max(0, index + 1 - clips) : index + 1]
        mean = np.exp(np.log(last).mean(axis=0))
        np.testing.assert_allclose(found, mean / mean.sum(), rtol=1e-7)
        assert found.sum() == pytest.approx(1)


def test_later_changes_of_the_input_array_do_not_reach_the_window() -> None:
    smooth, row = Smoother(2), np.log([0.9, 0.1])
    smooth(row)
    row[:] = np.log([0.1, 0.9])
    np.testing.assert_allclose(smooth(row), [0.5, 0.5])


@settings(max_examples=100, deadline=None)
@given(clip=st.integers(1, 50), more=st.integers(0, 200), hop=st.integers(1, 60), last=st.just(40))
def test_the_window_holds_the_clips_that_lie_within(
    clip: int, more: int, hop: int, last: int
) -> None:
    window, end = clip + more, last * hop + clip
    starts = [k * hop for k in range(last - 300, last + 1)]
    within = [s for s in starts if end - window <= s and s + clip <= end]
    assert clips_within(window, clip, hop) == len(within)
    assert clips_within(clip, clip, hop) == 1


@pytest.mark.parametrize(("window", "clip", "hop"), [(9, 10, 1), (1, 0, 1), (10, 5, 0)])
def test_a_window_shorter_than_a_clip_is_refused(window: int, clip: int, hop: int) -> None:
    with pytest.raises(ValueError, match=f"window {window}, clip {clip}, hop {hop}"):
        clips_within(window, clip, hop)
    with pytest.raises(ValueError, match="0 clips"):
        Smoother(0)
