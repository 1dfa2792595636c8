import numpy as np
import pytest

from dssd_tf.data.synthesis.devices import (
    DEVICES,
    EVALUATION_ONLY,
    REAL,
    SIMULATED_SEEN,
    SIMULATED_UNSEEN,
    Device,
    capture,
)


def _tone(hertz: float, level: float) -> np.ndarray:
    time = np.arange(44_100) / 44_100
    return (np.sqrt(2) * 10 ** (level / 20) * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def _level(signal: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(signal.astype(np.float64)))))


def test_groups_name_every_device_once():
    groups = (*REAL, *SIMULATED_SEEN, *SIMULATED_UNSEEN, *EVALUATION_ONLY)
    assert sorted(groups) == sorted(DEVICES)


def test_devices_are_all_different():
    assert len(set(DEVICES.values())) == len(DEVICES)


def test_reference_device_is_transparent(rng):
    tone = _tone(1000, -20)
    assert capture(rng, tone, DEVICES["a"]) == pytest.approx(tone, abs=2e-3)


@pytest.mark.parametrize("name", DEVICES)
def test_silence_gives_the_noise_floor(rng, name):
    heard = capture(rng, np.zeros(44_100, np.float32), DEVICES[name])
    assert _level(heard) == pytest.approx(DEVICES[name].floor, abs=0.1)


def test_band_limits(rng):
    device = Device(low=200, high=5000)
    inside, below, above = (
        _level(capture(rng, _tone(hertz, -20), device)) for hertz in (1000, 50, 15_000)
    )
    assert inside == pytest.approx(-20, abs=0.2)
    assert below < -40
    assert above < -35


def test_resonance_and_gain(rng):
    device = Device(resonances=((1000, 6, 0.5),), gain=3)
    assert _level(capture(rng, _tone(1000, -30), device)) == pytest.approx(-21, abs=0.2)
    assert _level(capture(rng, _tone(8000, -30), device)) == pytest.approx(-27, abs=0.3)


def test_compression_above_the_threshold_only(rng):
    device = Device(threshold=-40, ratio=2)
    loud, quiet = (_level(capture(rng, _tone(1000, level), device)) for level in (-20, -50))
    assert loud == pytest.approx(-30, abs=0.3)
    assert quiet == pytest.approx(-50, abs=0.3)


def test_too_loud_is_clipped(rng):
    heard = capture(rng, _tone(1000, 6), DEVICES["a"])
    assert np.abs(heard).max() == 1.0
