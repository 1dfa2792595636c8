from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import csd, welch

from dssd_tf.data.device_shift.capture import capture, impulse_response, limited

QUIET = -240.0


def _without_noise(device):
    return replace(device, noise=QUIET)


@pytest.mark.parametrize("rate", [8000, 44_100])
@pytest.mark.parametrize("name", ["s1", "s5"])
def test_an_impulse_below_the_threshold_measures_the_documented_response(devices, name, rate):
    device = _without_noise(devices[name])
    impulse = np.zeros(rate)
    impulse[rate // 2] = 1e-3
    heard = capture(np.random.default_rng(0), impulse, rate, device)
    hertz = np.fft.rfftfreq(rate, 1 / rate)
    spectrum = 20 * np.log10(np.abs(np.fft.rfft(heard)) * 1e3 + 1e-12)
    band = (hertz >= 60) & (hertz <= min(16_000, 0.95 * rate / 2))
    expected = device.response(hertz[band]) + device.gain
    np.testing.assert_allclose(spectrum[band], expected, atol=0.2)


def test_noise_below_the_threshold_measures_it_too(devices):
    rate, device = 16_000, _without_noise(devices["s2"])
    sound = 1e-3 * np.random.default_rng(1).standard_normal(10 * rate)
    heard = capture(np.random.default_rng(0), sound, rate, device)
    hertz, power = welch(sound, rate, nperseg=4096)
    _, cross = csd(sound, heard, rate, nperseg=4096)
    band = (hertz > 150) & (hertz < 7000)
    found = 20 * np.log10(np.abs(cross[band]) / power[band])
    expected = device.response(hertz[band]) + device.gain
    assert np.abs(found - expected).max() < 0.5


def test_loud_sounds_are_compressed(devices):
    rate, device = 16_000, _without_noise(devices["s3"])
    sound = np.random.default_rng(1).standard_normal(2 * rate)
    gains = []
    for level in (-70.0, -15.0):
        heard = capture(np.random.default_rng(0), sound * 10 ** (level / 20), rate, device)
        gains.append(10 * np.log10(np.mean(heard**2)) - level)
    quiet, loud = gains
    curve = device.compressor.gain(np.array([-15.0 + quiet]))[0]
    assert curve < -3
    assert loud - quiet == pytest.approx(curve, abs=1.0)


def test_silence_gives_the_noise_of_the_device(devices):
    device = devices["s4"]
    heard = capture(np.random.default_rng(4), np.zeros(40_000), 8000, device)
    assert 10 * np.log10(np.mean(heard**2)) == pytest.approx(device.noise, abs=0.1)
    again = capture(np.random.default_rng(4), np.zeros(40_000), 8000, device)
    np.testing.assert_array_equal(heard, again)


@pytest.mark.parametrize("samples", [1, 7, 300])
def test_short_clips_keep_their_length(devices, samples):
    heard = capture(np.random.default_rng(0), np.full(samples, 0.1), 8000, devices["s1"])
    assert heard.shape == (samples,)
    assert np.isfinite(heard).all()


def test_a_clip_does_not_begin_with_silence(devices):
    """A steady sound is as loud at the beginning as later: filter and compressor have settled."""
    rate = 8000
    tone = 0.3 * np.sin(2 * np.pi * 500 * np.arange(rate) / rate)
    heard = capture(np.random.default_rng(0), tone, rate, _without_noise(devices["s1"]))
    first, later = np.std(heard[:400]), np.std(heard[4000:])
    assert 20 * np.log10(first / later) == pytest.approx(0, abs=0.5)


def test_peaks_stay_below_full_scale(devices):
    square = np.sign(np.sin(np.arange(8000) / 9))
    for device in devices.values():
        loud = capture(np.random.default_rng(0), square, 8000, replace(device, gain=12.0))
        assert np.abs(loud).max() < 0.99


def test_only_peaks_are_bent():
    signal = np.linspace(-3, 3, 2001)
    bent = limited(signal)
    low = np.abs(signal) <= 0.8
    np.testing.assert_array_equal(bent[low], signal[low])
    assert (np.diff(bent) >= 0).all()
    assert np.abs(np.diff(bent)).max() <= 0.003 + 1e-12  # no corner: never steeper than before
    assert np.abs(bent).max() < 0.99 + 1e-12
    np.testing.assert_allclose(bent, -bent[::-1], atol=1e-12)


def test_the_filter_is_minimum_phase(devices):
    """No zero lies outside the unit circle: from 0 Hz to half the rate the phase comes back."""
    for device in devices.values():
        response = impulse_response(device, 8000)
        phase = np.unwrap(np.angle(np.fft.rfft(response, 1 << 16)))
        assert phase[[0, -1]] == pytest.approx([0, 0], abs=1e-6)
        assert np.abs(phase).max() > 0.5
        # Delayed by a sample, it is none any more.
        late = np.unwrap(np.angle(np.fft.rfft([0, *response], 1 << 16)))
        assert abs(late[-1]) == pytest.approx(np.pi, abs=1e-6)
