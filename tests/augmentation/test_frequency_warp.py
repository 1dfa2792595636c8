import numpy as np
import pytest
import tensorflow as tf
from pydantic import ValidationError

from dssd_tf.augmentation import FrequencyWarp

RAMP = np.broadcast_to(np.arange(40.0, dtype=np.float32), (300, 2, 40))


def _warped(**settings):
    return np.asarray(FrequencyWarp(**settings)({"x": tf.constant(RAMP)}, seed=(1, 2))["x"])


def test_a_shift_reads_other_bands_up_to_the_largest_and_no_further():
    middle = _warped(max_shift=0.1, max_stretch=0.0)[:, 0, 20] - 20
    assert -4 <= middle.min() < -3.5 and 3.5 < middle.max() <= 4


def test_a_stretch_scales_the_axis_from_the_lowest_band():
    warped = _warped(max_shift=0.0, max_stretch=0.2)[:, 0]
    np.testing.assert_array_equal(warped[:, 0], 0)
    factors = warped[:, 10] / 10
    assert np.exp(-0.2) <= factors.min() < 0.85 and 1.18 < factors.max() <= np.exp(0.2) + 1e-6
    np.testing.assert_allclose(warped[:, 20], 20 * factors, rtol=1e-5)


def test_all_frames_of_a_clip_are_warped_alike_and_clips_differently():
    warped = _warped()
    np.testing.assert_array_equal(warped[:, 0], warped[:, 1])
    assert len(np.unique(warped[:, 0, 20])) > 290


def test_nothing_moves_without_shift_and_stretch():
    np.testing.assert_array_equal(_warped(max_shift=0, max_stretch=0), RAMP)


@pytest.mark.parametrize("setting", [{"max_shift": 0.6}, {"max_stretch": -0.1}])
def test_settings_out_of_range(setting):
    with pytest.raises(ValidationError, match=next(iter(setting))):
        FrequencyWarp(**setting)
