import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.data.clip_cutter import ClipCutter


@settings(max_examples=200, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 9), max_size=12),
    clip=st.integers(1, 7),
    hop=st.integers(1, 9),
)
def test_clips_are_the_slices_however_the_stream_is_divided(
    sizes: list[int], clip: int, hop: int
) -> None:
    stream = np.arange(sum(sizes), dtype=np.float32)
    cutter, found = ClipCutter(clip, hop), []
    for block in np.split(stream, np.cumsum(sizes)[:-1]) if sizes else []:
        found += cutter.push(block)
    starts = [s for s in range(0, stream.size, hop) if s + clip <= stream.size]
    assert [start for start, _ in found] == starts
    for start, samples in found:
        np.testing.assert_array_equal(samples, stream[start : start + clip])
    clipped = {i for s in starts for i in range(s, s + clip)}
    begun = {i for s in range(0, stream.size, hop) for i in range(s, s + clip)}
    assert cutter.left == len((begun - clipped) & set(range(stream.size)))


@pytest.mark.parametrize("hop", [1, 50, 100, 1000])
def test_no_more_than_a_clip_is_kept(hop: int) -> None:
    cutter = ClipCutter(100, hop)
    for _ in range(50):
        cutter.push(np.zeros(333, np.float32))
        kept = cutter._kept
        assert kept.size < 100
        assert kept.base is None


@pytest.mark.parametrize(("clip", "hop"), [(0, 1), (1, 0)])
def test_lengths_below_a_sample_are_refused(clip: int, hop: int) -> None:
    with pytest.raises(ValueError, match=f"clip {clip} and hop {hop}"):
        ClipCutter(clip, hop)
