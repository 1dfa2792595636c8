import numpy as np
import pytest

from dssd_tf.data.synthesis.noise import (
    band,
    filtered,
    frequencies,
    gains,
    product,
    shaped_noise,
    tilt,
)


@pytest.mark.parametrize("samples", [17, 4410, 44_101])
def test_noise_has_the_length_and_unit_rms(rng, samples):
    noise = shaped_noise(rng, samples, band(100, 10_000))
    assert noise.shape == (samples,)
    assert noise.dtype == np.float32
    assert np.sqrt(np.mean(np.square(noise))) == pytest.approx(1, abs=1e-4)


def test_noise_is_gaussian(rng):
    noise = shaped_noise(rng, 88_200, band(1.0, 22_050))
    assert np.mean(noise**4) == pytest.approx(3.0, abs=0.1)  # kurtosis


def test_noise_lies_in_its_band(rng, share):
    curve = band(1000, 2000, 4)
    power = np.square(curve(np.arange(1, 22_050, dtype=np.float32)))
    expected = power[1000:2000].sum() / power.sum()
    assert share(shaped_noise(rng, 88_200, curve), 1000, 2000) == pytest.approx(expected, abs=0.02)


def test_filter_passes_and_stops():
    time = np.arange(44_100) / 44_100
    low, high = np.sin(2 * np.pi * 200 * time), np.sin(2 * np.pi * 5000 * time)
    heard = filtered((low + high).astype(np.float32), band(1.0, 1000, 4))
    assert np.abs(heard - low).max() < 0.02


def test_band_is_3_db_down_at_its_edges():
    edges = band(100, 8000, 2)(np.array([100, 900, 8000], np.float32))
    assert 20 * np.log10(edges) == pytest.approx([-3.01, 0, -3.01], abs=0.02)


def test_tilt_in_decibels_an_octave():
    line = tilt(-6)(np.array([500, 1000, 2000], np.float32))
    assert 20 * np.log10(line) == pytest.approx([6, 0, -6], abs=0.02)


def test_product_multiplies_the_curves():
    hertz = np.array([50, 700, 9000], np.float32)
    both = product(band(100, 5000), tilt(3))(hertz)
    assert both == pytest.approx(band(100, 5000)(hertz) * tilt(3)(hertz))


@pytest.mark.parametrize("length", [100, 88_200])
def test_gains_follow_the_curve(length):
    exact = band(500, 8000, 2)(frequencies(length))
    coarse = gains(band(500, 8000, 2), length)
    assert coarse.shape == exact.shape
    assert np.abs(coarse - exact).max() < 0.02
