import numpy as np
import pytest
import tensorflow as tf
from pydantic import ValidationError

from dssd_tf.augmentation import BandLimit

BANDS = 101


def _fall(clips=500, **settings):
    """dB by which each band falls, (clips, bands)."""
    x = tf.zeros([clips, 2, BANDS])
    found = -10 * np.asarray(
        BandLimit(**{"probability": 1.0, **settings})({"x": x}, seed=(3, 4))["x"]
    )
    np.testing.assert_array_equal(found[:, 0], found[:, 1])
    return found[:, 0]


def test_corners_lie_in_their_ranges_and_between_them_nothing_changes():
    fall = _fall(low_share=0.2, high_share=0.3)
    low = (fall[:, :50] > 0).sum(axis=1) / 100
    high = (fall[:, 50:] > 0).sum(axis=1) / 100
    assert 0 <= low.min() < 0.02 and 0.18 < low.max() <= 0.2
    assert 0 <= high.min() < 0.02 and 0.28 < high.max() <= 0.3
    np.testing.assert_array_equal(fall[:, 20:71], 0)


def test_levels_fall_by_the_slope_for_a_tenth_of_the_axis():
    fall = _fall(low_share=0.0, high_share=0.5, slope_db=12.0)
    deep = fall[fall[:, 90] > 0]
    np.testing.assert_allclose(deep[:, 100] - deep[:, 90], 12.0, atol=1e-3)
    np.testing.assert_array_equal(fall[:, :50], 0)


def test_half_of_the_clips_at_the_default():
    assert BandLimit().probability == 0.5
    changed = _fall(probability=0.5).any(axis=1)
    assert 0.42 < changed.mean() < 0.58


@pytest.mark.parametrize("setting", [{"low_share": 1.1}, {"high_share": -0.1}, {"slope_db": 0}])
def test_settings_out_of_range(setting):
    with pytest.raises(ValidationError, match=next(iter(setting))):
        BandLimit(**setting)
