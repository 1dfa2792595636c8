import numpy as np
import pytest

from dssd_tf.data.synthesis.textures import door_hiss, engine, traction, traffic


def test_far_traffic_is_low_and_steady(rng, share):
    far = traffic(rng, 220_500, rate=0.0, steady=1.0, slope=-6.0)
    assert share(far, 0, 500) > 0.9


def test_cars_that_pass_add_tyres(rng, share):
    near = traffic(rng, 220_500, rate=3.0, steady=0.2, slope=-6.0)
    assert share(near, 350, 3000) > 0.4


def test_engine_fires_at_its_frequency(rng):
    signal = engine(rng, 88_200, hertz=40.0, fall=1.5, wander=0.0)
    spectrum = np.abs(np.fft.rfft(signal))
    hertz = np.fft.rfftfreq(len(signal), 1 / 44_100)
    strongest = hertz[np.argsort(spectrum)[::-1][:3]]
    assert strongest % 40 == pytest.approx(0, abs=1e-6)


def test_traction_is_a_tone(rng, share):
    signal = traction(rng, 88_200, hertz=600.0, slide=0.0)
    assert share(signal, 560, 640) + share(signal, 1160, 1240) > 0.8


def test_hiss_is_high(rng, share):
    signals = [door_hiss(rng, 88_200, seconds=0.8) for _ in range(5)]
    assert share(np.concatenate(signals), 1000, 20_000) > 0.9
