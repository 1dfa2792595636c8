import numpy as np
import pytest
import tensorflow as tf
from pydantic import ValidationError

from dssd_tf.augmentation import TimeStretch

RAMP = np.broadcast_to(np.arange(40.0, dtype=np.float32)[:, None], (300, 40, 2))


def test_the_factor_stays_in_its_range_and_every_frame_follows_it():
    stretched = np.asarray(TimeStretch(max_stretch=0.3)({"x": tf.constant(RAMP)}, seed=(1, 2))["x"])
    factors = stretched[:, 10, 0] / 10
    assert np.exp(-0.3) <= factors.min() < 0.76 and 1.32 < factors.max() <= np.exp(0.3) + 1e-6
    np.testing.assert_allclose(stretched[:, 20, 1], 20 * factors, rtol=1e-5)


def test_a_faster_clip_starts_anew():
    stretched = np.asarray(TimeStretch(max_stretch=0.3)({"x": tf.constant(RAMP)}, seed=(1, 2))["x"])
    fast = stretched[stretched[:, 10, 0] > 12][0, :, 0]
    factor = fast[10] / 10
    place = factor * np.arange(40)
    after = place >= 40
    assert after.sum() > 3
    np.testing.assert_allclose(fast[after], place[after] - 40, atol=1e-3)


@pytest.mark.parametrize("value", [0, 1.5])
def test_settings_out_of_range(value):
    with pytest.raises(ValidationError, match="max_stretch"):
        TimeStretch(max_stretch=value)
