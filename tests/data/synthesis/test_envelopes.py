import numpy as np
import pytest

from dssd_tf.data.synthesis.envelopes import bursts, drift, normalised, passes, scatter, ticks
from dssd_tf.data.synthesis.noise import band


@pytest.mark.parametrize("samples", [1, 441, 100_001])
@pytest.mark.parametrize("rate", [0.3, 8.0, 200.0])
def test_drift_has_the_length(rng, samples, rate):
    assert drift(rng, samples, rate, 3.0).shape == (samples,)


def test_drift_varies_by_its_depth(rng):
    levels = 20 * np.log10(drift(rng, 441_000, 50.0, 3.0))
    assert 1.5 < levels.std() < 3.0  # lines between the points lower it by up to a third
    assert np.ptp(drift(rng, 44_100, 5.0, 0.0)) == 0


def test_passes_come_as_often_as_told(rng):
    few = np.mean([passes(rng, 88_200, 0.1, 1.0).mean() for _ in range(50)])
    many = np.mean([passes(rng, 88_200, 1.0, 1.0).mean() for _ in range(50)])
    assert many / few == pytest.approx(10, rel=0.4)


def test_no_pass_is_silence(rng):
    assert not passes(rng, 44_100, 0.0, 1.0).any()


def test_scatter_places_and_cuts():
    event = np.ones(4410, np.float32)
    out = scatter(44_100, [-0.05, 0.5, 0.95, 3.0, -2.0], [event] * 5)
    heard = np.flatnonzero(out)
    assert out.sum() == 2205 + 4410 + 2205
    assert heard[0] == 0
    assert 22_050 in heard
    assert heard[-1] == 44_099


def test_bursts_fall_by_60_db(rng):
    struck = bursts(rng, 50, 0.2, band(100, 10_000))
    assert struck.shape == (50, 8820)
    begin, end = (np.sqrt(np.mean(np.square(part))) for part in (struck[:, :200], struck[:, -200:]))
    assert 20 * np.log10(end / begin) == pytest.approx(-58.6, abs=2)


def test_no_bursts(rng):
    assert bursts(rng, 0, 0.1, band(100, 1000)).shape == (0, 4410)


def test_ticks_are_steady(rng):
    moments = ticks(rng, 10.0, 2.0, 0.0)
    assert np.diff(moments) == pytest.approx(0.5)
    assert len(moments) in (19, 20, 21)
    assert all(0 <= moment < 10 for moment in ticks(rng, 10.0, 2.0, 0.3))


def test_normalised_by_the_loudest_stretch():
    signal = np.zeros(44_100, np.float32)
    signal[4410:8820] = 0.25
    assert normalised(signal).max() == pytest.approx(1.0)
    assert normalised(np.full(100, 0.5, np.float32)) == pytest.approx(1.0)
    assert not normalised(np.zeros(44_100, np.float32)).any()
