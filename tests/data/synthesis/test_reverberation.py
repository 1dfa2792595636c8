import numpy as np
import pytest

from dssd_tf.data.synthesis.noise import tilt
from dssd_tf.data.synthesis.reverberation import reverberated


def _click() -> np.ndarray:
    click = np.zeros(88_200, np.float32)
    click[0] = 1
    return click


def test_tail_falls_by_60_db_in_the_given_time(rng):
    heard = reverberated(rng, _click(), seconds=1.0, wet=1.0, colour=tilt(0))
    early, late = (np.mean(np.square(heard[i : i + 2000])) for i in (4410, 22_050))
    assert 10 * np.log10(late / early) == pytest.approx(-60 * 0.4, abs=2)
    assert np.abs(heard[50_000:-100]).max() < 1e-3  # the last ones precede the click, as a circle


def test_tail_wraps_round(rng):
    click = np.roll(_click(), -4410)
    heard = reverberated(rng, click, seconds=1.0, wet=1.0, colour=tilt(0))
    assert np.mean(np.square(heard[:2000])) > 100 * np.mean(np.square(heard[40_000:42_000]))


def test_dry_is_unchanged(rng):
    heard = reverberated(rng, _click(), seconds=1.0, wet=0.0, colour=tilt(0))
    assert heard == pytest.approx(_click(), abs=1e-5)


def test_room_longer_than_the_recording(rng):
    heard = reverberated(rng, _click()[:4410], seconds=2.0, wet=1.0, colour=tilt(0))
    assert heard.shape == (4410,)
    assert np.isfinite(heard).all()


def test_same_state_same_room():
    rooms = [
        reverberated(np.random.default_rng(1), _click(), seconds=0.5, wet=1.0, colour=tilt(0))
        for _ in range(2)
    ]
    assert np.array_equal(*rooms)
