import numpy as np
import pytest

from dssd_tf.data.synthesis.oscillators import TABLE, glide, harmonic_table, phase, read


def test_table_holds_its_harmonics(rng):
    table = harmonic_table(rng, (1.0, 0.0, 0.5))
    spectrum = np.abs(np.fft.rfft(table))
    assert spectrum[3] / spectrum[1] == pytest.approx(0.5, rel=1e-3)
    assert spectrum[2] / spectrum[1] < 1e-5
    assert table.shape == (TABLE,)
    assert np.mean(np.square(table)) == pytest.approx(1, rel=1e-4)


def test_tone_has_its_frequency(rng):
    tone = read(harmonic_table(rng, (1.0,)), phase(np.full(44_100, 440, np.float32)))
    assert np.argmax(np.abs(np.fft.rfft(tone))) == 440


def test_glide_wanders_about_its_middle(rng):
    steady, moving = glide(rng, 44_100, 300, 0.0), glide(rng, 441_000, 300, 0.1)
    assert steady == pytest.approx(300)
    assert np.median(moving) == pytest.approx(300, rel=0.1)
    assert np.ptp(moving) > 20
