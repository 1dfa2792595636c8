import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.data.device_shift import drawing
from dssd_tf.data.device_shift.drawing import SEEN, UNSEEN, distance, draw_devices
from dssd_tf.errors import DataError


def test_version_1_of_seed_0():
    """A change here means that old sets cannot be made again: raise `VERSION` with it."""
    assert drawing.VERSION == 1
    drawn = draw_devices(0)
    assert list(drawn) == ["s1", "s2", "s3", "s4", "s5", "s6"]
    s1, s6 = drawn["s1"], drawn["s6"]
    assert (s1.low, s1.high, s1.gain, s1.noise) == (121.0, 15225.0, -5.5, -77.4)
    assert s1.resonances == ((411.0, -2.6, 0.84), (1559.0, 3.9, 0.54), (2528.0, -2.6, 0.49))
    assert (s6.low_shelf, s6.high_shelf) == ((366.0, 4.9), (2857.0, -0.9))
    assert (s6.compressor.threshold, s6.compressor.ratio) == (-29.9, 1.86)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**40))
def test_unseen_devices_are_at_least_as_far_as_the_seen_ones_from_each_other(seed):
    drawn = draw_devices(seed)
    assert drawn == draw_devices(seed)
    seen = [None, *(drawn[name] for name in SEEN)]
    spread = np.mean([distance(*pair) for pair in itertools.combinations(seen, 2)])
    for name in UNSEEN:
        mean = np.mean([distance(drawn[name], other) for other in seen])
        assert spread <= mean <= 1.5 * spread
    everything = [None, *drawn.values()]
    assert min(distance(*pair) for pair in itertools.combinations(everything, 2)) >= 2.5


def test_every_seed_has_its_own_devices():
    drawn = [device for seed in range(5) for device in draw_devices(seed).values()]
    assert len(set(drawn)) == 30


def test_distance_is_a_distance_that_leaves_the_level_out(devices):
    one, other = devices["s1"], devices["s2"]
    assert distance(one, one) == 0
    assert distance(one, other) == pytest.approx(distance(other, one))
    hertz = np.geomspace(50, 12_000, 5000)
    plain = np.std(one.response(hertz))
    assert distance(None, one) == pytest.approx(plain, rel=0.05)


def test_negative_seed_is_refused():
    with pytest.raises(DataError, match="seed -1"):
        draw_devices(-1)
