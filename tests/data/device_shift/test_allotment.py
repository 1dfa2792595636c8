from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dssd_tf.data.device_shift.allotment import Segment, allotted
from dssd_tf.errors import DataError

SHARES = {"a": 0.7, "s1": 0.1, "s2": 0.1, "s3": 0.1}


def _segments(sizes: list[int], groups: int) -> list[Segment]:
    return [Segment(f"n{i}", (f"g{i % groups}",), size) for i, size in enumerate(sizes)]


def _counts(segments: list[Segment], devices: dict[str, str]) -> Counter:
    counts: Counter = Counter()
    for segment in segments:
        counts[devices[segment.name]] += segment.clips
    return counts


@given(
    sizes=st.lists(st.integers(1, 10), min_size=1, max_size=120),
    groups=st.integers(1, 5),
    seed=st.integers(0, 99),
)
def test_every_segment_has_a_device_and_the_shares_hold_to_some_segments(sizes, groups, seed):
    segments = _segments(sizes, groups)
    devices = allotted(segments, SHARES, seed)
    assert set(devices) == {segment.name for segment in segments}
    counts, total = _counts(segments, devices), sum(sizes)
    for device, share in SHARES.items():
        assert abs(counts[device] - share * total) <= 2 * max(sizes)


def test_the_shares_hold_in_every_group():
    segments = _segments([1] * 400, 4)
    devices = allotted(segments, SHARES, 0)
    for group in range(4):
        counts = _counts([s for s in segments if s.group == (f"g{group}",)], devices)
        assert abs(counts["a"] - 70) <= 1
        assert all(abs(counts[name] - 10) <= 1 for name in ("s1", "s2", "s3"))


def test_the_seed_draws_and_the_order_given_does_not_matter():
    segments = _segments([2] * 50, 2)
    one = allotted(segments, SHARES, 1)
    assert one == allotted(segments[::-1], SHARES, 1)
    assert one != allotted(segments, SHARES, 2)


def test_a_share_of_zero_gets_nothing():
    segments = _segments([3] * 20, 1)
    shares = {"a": 1.0, "s1": 0.0}
    assert set(allotted(segments, shares, 0).values()) == {"a"}


def test_negative_seed_is_refused():
    with pytest.raises(DataError, match="seed -1"):
        allotted([], SHARES, -1)
