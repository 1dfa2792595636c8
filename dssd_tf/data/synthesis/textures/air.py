"""Moving air and water: wind, rain, ventilation."""

import numpy as np

from dssd_tf.data.synthesis.envelopes import drift
from dssd_tf.data.synthesis.noise import RATE, Samples, band, filtered, product, shaped_noise, tilt
from dssd_tf.data.synthesis.oscillators import harmonic_table, read


def wind(rng: np.random.Generator, samples: int, *, gusts: float, leaves: float) -> Samples:
    """Wind at the microphone and in trees.

    Args:
        rng: The source of the sound.
        samples: The length, at 44.1 kHz.
        gusts: Depth of the gusts, in dB.
        leaves: Level of the rustle relative to the low noise, linear.
    """
    gust = drift(rng, samples, 1.5, gusts)
    low = shaped_noise(rng, samples, product(band(20, 250, 1), tilt(-3))) * gust
    rustle = shaped_noise(rng, samples, band(1500, 9000, 1)) * np.square(gust)
    return low + leaves * rustle


def rain(rng: np.random.Generator, samples: int, *, drops: float) -> Samples:
    """Rain: single drops over a hiss of many; `drops` is the number heard singly in a second."""
    hiss = shaped_noise(rng, samples, band(800, 12_000, 1))
    struck = np.zeros(samples, np.float32)
    count = rng.poisson(drops * samples / RATE)
    struck[rng.integers(0, samples, count)] = rng.exponential(40.0, count)
    return hiss + filtered(struck, band(1500, 8000, 1))


def ventilation(
    rng: np.random.Generator, samples: int, *, slope: float, hum: float, mains: float = 50.0
) -> Samples:
    """Air conditioning: steady noise and the hum of its motors.

    Args:
        rng: The source of the sound.
        samples: The length, at 44.1 kHz.
        slope: Fall of the noise, in dB an octave (negative).
        hum: Level of the hum relative to the noise, linear.
        mains: Frequency of the mains, in Hz.
    """
    noise = shaped_noise(rng, samples, product(band(50, 9000, 1), tilt(slope)))
    table = harmonic_table(rng, rng.uniform(0.1, 1.0, 8) / np.arange(1, 9))
    return noise + hum * read(table, np.arange(samples) * (2 * mains / RATE))
