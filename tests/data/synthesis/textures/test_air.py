import numpy as np

from dssd_tf.data.synthesis.textures import rain, ventilation, wind


def test_wind_is_low_and_leaves_are_high(rng, share):
    assert share(wind(rng, 88_200, gusts=2.0, leaves=0.0), 0, 400) > 0.9
    assert share(wind(rng, 88_200, gusts=2.0, leaves=1.0), 1000, 12_000) > 0.2


def test_gusts_deepen_the_swell(rng):
    def swell(gusts: float) -> float:
        signal = wind(rng, 441_000, gusts=gusts, leaves=0.0)
        return float(np.std(np.log(np.std(signal.reshape(-1, 8820), axis=1))))

    assert swell(6.0) > swell(0.5)


def test_drops_make_rain_less_even(rng):
    def kurtosis(drops: float) -> float:
        signal = rain(rng, 88_200, drops=drops)
        return float(np.mean(signal**4) / np.mean(signal**2) ** 2)

    assert kurtosis(60.0) > kurtosis(0.0) + 0.5


def test_hum_at_twice_the_mains(rng, share):
    quiet, humming = (ventilation(rng, 44_100, slope=-3, hum=hum) for hum in (0.0, 1.0))
    assert share(humming, 99, 102) > 3 * share(quiet, 99, 102)


def test_slope_of_the_noise(rng, share):
    flat, steep = (ventilation(rng, 44_100, slope=slope, hum=0.0) for slope in (-1, -6))
    assert share(steep, 50, 500) > share(flat, 50, 500) + 0.2
