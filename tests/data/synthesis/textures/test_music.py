import numpy as np

from dssd_tf.data.synthesis.textures import music


def test_notes_are_tones(rng):
    """A few narrow lines hold most of the energy, which no noise does."""
    power = np.square(np.abs(np.fft.rfft(music(rng, 88_200, tempo=100.0, brightness=0.4))))
    strongest = np.sort(power)[::-1]
    assert strongest[:400].sum() > 0.8 * power.sum()


def test_brightness(rng, share):
    dull = music(np.random.default_rng(1), 88_200, tempo=100.0, brightness=0.2)
    bright = music(np.random.default_rng(1), 88_200, tempo=100.0, brightness=0.8)
    assert share(bright, 1000, 5000) > share(dull, 1000, 5000) + 0.2


def test_sounds_from_the_beginning(rng):
    signal = music(rng, 44_100, tempo=70.0, brightness=0.4)
    assert np.abs(signal[:2205]).max() > 0.01
