import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dssd_tf.augmentation import FilterAugment
from dssd_tf.augmentation.filter_augment import interpolated


def _decibels(clips=500, bands=201, **given):
    """What is added to each band of each clip, dB."""
    x = tf.zeros([clips, 2, bands])
    found = 10 * np.asarray(FilterAugment(**given)({"x": x}, seed=(3, 4))["x"])
    np.testing.assert_array_equal(found[:, 0], found[:, 1])
    return found[:, 0]


def _bends(decibels):
    """Places where the slope changes, by clip."""
    return [np.flatnonzero(np.abs(np.diff(row, 2)) > 2e-3) for row in decibels]


def test_gains_are_uniform_up_to_the_largest_either_way():
    ends = _decibels(clips=4000, max_db=5.0)[:, [0, -1]]
    assert np.abs(ends).max() <= 5 and np.abs(ends).max() > 4.9
    assert abs(ends.mean()) < 0.2 and abs(ends.std() - 5 / np.sqrt(3)) < 0.1
    assert abs(np.corrcoef(ends.T)[0, 1]) < 0.06


def test_one_range_is_a_straight_line():
    assert all(len(bends) == 0 for bends in _bends(_decibels(min_ranges=1, max_ranges=1)))


def test_as_many_ranges_as_asked_for_none_too_narrow():
    rows = _bends(_decibels(min_ranges=2, max_ranges=4, least_share=0.1))
    # A bend between two bands shows in one or two second differences.
    borders = [bends[np.diff(bends, prepend=-9) > 1] / 200 for bends in rows]
    counts = [len(found) + 1 for found in borders]
    assert max(counts) == 4 and min(counts) <= 2
    for found in borders:
        widths = np.diff(np.concatenate([[0], found, [1]]))
        assert widths.min() > 0.1 - 0.02


def test_a_share_of_the_clips_is_left_as_it_is():
    untouched = ~_decibels(probability=0.3).any(axis=1)
    assert 0.6 < untouched.mean() < 0.8


def test_one_band_gets_one_gain():
    assert np.isfinite(_decibels(bands=1)).all()


@settings(max_examples=30, deadline=None)
@given(
    inner=st.lists(st.floats(0, 1), max_size=4),
    places=st.lists(st.floats(0, 1), min_size=1, max_size=8),
)
def test_interpolation_is_that_of_numpy(inner, places):
    # Far enough apart for float32.
    inner = sorted({round(place, 3) for place in inner} - {0.0, 1.0})
    borders = np.array([0.0, *inner, 1.0], "float32")
    values = np.random.default_rng(0).standard_normal(len(borders)).astype("float32")
    places = np.array(places, "float32")
    found = interpolated(borders[None], values[None], tf.constant(places))[0]
    np.testing.assert_allclose(found, np.interp(places, borders, values), atol=1e-3)


def test_borders_that_fall_together_at_the_end_change_nothing():
    borders, values = tf.constant([[0.0, 0.5, 1.0, 1.0, 1.0]]), tf.constant([[0.0, 1, 3, 7, 9]])
    found = interpolated(borders, values, tf.constant([0.25, 0.5, 0.75, 1.0]))
    np.testing.assert_allclose(found[0], [0.5, 1, 2, 3], atol=1e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_ranges": 4, "max_ranges": 3}, "min_ranges 4 exceeds max_ranges 3"),
        ({"least_share": 0.2}, "6 ranges of 0.2 of the axis or more do not fit"),
        ({"max_db": 0}, "max_db"),
    ],
)
def test_settings_that_do_not_fit(given, message):
    with pytest.raises(ValidationError, match=message):
        FilterAugment(**given)
