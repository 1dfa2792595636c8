import numpy as np
import pytest
import tensorflow as tf
from pydantic import ValidationError

from dssd_tf.augmentation import NoiseFloor

LOUDEST = -2.0


def _clips(level, clips=400, frames=20, bands=21):
    """Clips at one level, log10 of the power, with one loudest cell."""
    x = np.full((clips, frames, bands), level, "float32")
    x[:, 0, 0] = LOUDEST
    return x


def _noisy(x, **settings):
    augment = NoiseFloor(**{"probability": 1.0, **settings})
    return np.asarray(augment({"x": tf.constant(x)}, seed=(1, 2))["x"])[:, 1:]


def test_silence_takes_the_level_of_the_noise():
    noisy = _noisy(_clips(-20.0), least_db=20, most_db=60, tilt_db=0)
    below = 10 * (LOUDEST - noisy.mean(axis=(1, 2)))
    assert 19.5 < below.min() < 21 and 59 < below.max() < 60.5
    assert abs(noisy.std(axis=(1, 2)).mean() - 0.15) < 0.01


def test_the_powers_are_summed():
    quiet = _noisy(_clips(-20.0), least_db=30, most_db=30)
    found = _noisy(_clips(-5.0), least_db=30, most_db=30)
    np.testing.assert_allclose(found, np.log10(10.0**-5 + 10.0**quiet), atol=1e-5)


def test_loud_cells_stay():
    np.testing.assert_allclose(_noisy(_clips(-2.0), least_db=80, most_db=80), -2.0, atol=1e-4)


def test_the_tilt_is_that_of_the_axis():
    noisy = 10 * _noisy(_clips(-20.0, clips=2000), least_db=40, most_db=40, tilt_db=5).mean(axis=1)
    ends = noisy[:, -1] - noisy[:, 0]
    assert abs(ends.std() - 10) < 0.6 and abs(ends.mean()) < 0.8
    middle = noisy[:, 10] - 10 * (LOUDEST - 4)
    assert middle.std() < 0.6


def test_half_of_the_clips_at_the_default():
    x = _clips(-20.0)
    changed = (_noisy(x, probability=0.5) != -20).any(axis=(1, 2))
    assert NoiseFloor().probability == 0.5
    assert 0.42 < changed.mean() < 0.58


def test_digital_silence_stays_finite():
    assert np.isfinite(_noisy(np.full((2, 3, 4), -10.0, "float32"))).all()


def test_levels_in_order():
    with pytest.raises(ValidationError, match=r"least_db 60\.0 exceeds most_db 50\.0"):
        NoiseFloor(least_db=60, most_db=50)
