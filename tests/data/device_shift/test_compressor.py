import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dssd_tf.data.device_shift.compressor import Compressor

RATE = 16_000
PLAIN = Compressor(threshold=-30.0, ratio=3.0, attack=0.01, release=0.1)


def _tone(level: float, seconds: float = 1.0) -> np.ndarray:
    """1 kHz at an RMS level in dB."""
    time = np.arange(round(RATE * seconds)) / RATE
    return np.sqrt(2) * 10 ** (level / 20) * np.sin(2 * np.pi * 1000 * time)


def _level(signal: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(signal**2)))


@pytest.mark.parametrize("level", [-60.0, -33.0, -30.0, -27.0, -20.0, -3.0])
def test_steady_tones_lie_on_the_static_curve(level):
    """Below the knee unchanged, above it one dB for three, in its middle an eighth of it less."""
    expected = {-33.0: -33.0, -30.0: -30.5, -27.0: -29.0, -20.0: -30 + 10 / 3, -3.0: -21.0}
    heard = PLAIN(_tone(level), RATE)[RATE // 2 :]
    assert _level(heard) == pytest.approx(expected.get(level, level), abs=0.05)


def test_below_the_knee_nothing_changes():
    signal = _tone(-40.0) * np.linspace(0, 1, RATE)
    np.testing.assert_array_equal(PLAIN(signal, RATE), signal)


@given(
    threshold=st.floats(-40, -10),
    ratio=st.floats(1, 10),
    knee=st.floats(0.5, 12),
    level=st.floats(-90, 0),
)
def test_the_curve_never_amplifies_and_keeps_the_order_of_levels(threshold, ratio, knee, level):
    compressor = Compressor(threshold, ratio, 0.01, 0.1, knee)
    levels = np.array([level, level + 0.5])
    gains = compressor.gain(levels)
    assert (gains <= 0).all()
    assert np.diff(levels + gains)[0] >= 0.5 / ratio - 1e-9
    over = max(0.0, level - threshold)
    # The knee takes at most an eighth of its width from the curve with a corner.
    assert gains[0] == pytest.approx((1 / ratio - 1) * over, abs=knee / 8 + 1e-9)


def test_attack_and_release_are_time_constants():
    """One attack after a step 63 % of the way is done; likewise back with the release."""
    slow = Compressor(threshold=-40.0, ratio=4.0, attack=0.1, release=0.3)
    signal = np.concatenate([_tone(-60, 0.5), _tone(-10, 1.5), _tone(-60, 1.5)])
    gains = slow(signal, RATE)[4::16] / signal[4::16]  # where the tone is at its crest
    decibels = 20 * np.log10(gains)
    full = -30 * (1 - 1 / 4)
    assert decibels[490] == pytest.approx(0, abs=0.01)
    assert decibels[500 + 100] == pytest.approx(0.63 * full, abs=0.7)
    assert decibels[1990] == pytest.approx(full, abs=0.05)
    # The detector, 5 ms, falls by 20 dB to below the threshold in some 30 ms.
    assert decibels[2000 + 300 + 25] == pytest.approx(0.37 * full, abs=0.7)


def test_silence_and_single_samples():
    np.testing.assert_array_equal(PLAIN(np.zeros(1000), RATE), np.zeros(1000))
    assert PLAIN(np.array([1e-3]), RATE) == pytest.approx([1e-3])
