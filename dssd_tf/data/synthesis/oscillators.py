"""Harmonic tones read from a table of one period, whatever the number of harmonics."""

import numpy as np
import numpy.typing as npt
import scipy.fft

from dssd_tf.data.synthesis.envelopes import wandering
from dssd_tf.data.synthesis.noise import RATE, Samples

TABLE = 2048

Phases = npt.NDArray[np.floating]


def harmonic_table(rng: np.random.Generator, amplitudes: npt.ArrayLike) -> Samples:
    """One period of a tone with the given harmonics at random phases.

    Args:
        rng: The source of the phases.
        amplitudes: (harmonics,) of the first, second, … harmonic, linear; at most 1023.

    Returns:
        (2048,), of unit RMS.
    """
    strengths = np.asarray(amplitudes, dtype=np.float64)
    spectrum = np.zeros(TABLE // 2 + 1, np.complex128)
    phases = rng.uniform(0, 2 * np.pi, len(strengths))
    spectrum[1 : len(strengths) + 1] = strengths * np.exp(1j * phases)
    period = scipy.fft.irfft(spectrum, n=TABLE)
    return (period / np.sqrt(np.mean(np.square(period)))).astype(np.float32)


def phase(frequency: Samples) -> Phases:
    """Periods gone by at each sample, (samples,), of a `frequency` in Hz, (samples,)."""
    return np.cumsum(frequency.astype(np.float64)) / RATE


def read(table: Samples, periods: Phases) -> Samples:
    """The table, (2048,), read at the phases `periods`, (samples,); gives (samples,)."""
    return table[(periods * TABLE).astype(np.int64) & (TABLE - 1)]


def glide(rng: np.random.Generator, samples: int, hertz: float, wander: float) -> Samples:
    """A frequency in Hz, (samples,), that moves slowly about `hertz`.

    Args:
        rng: The source of the movement.
        samples: The length, at 44.1 kHz.
        hertz: The middle frequency.
        wander: The standard deviation at two turning points a second, as a fraction of `hertz`.
    """
    return wandering(
        rng, samples, 2.0, lambda points: hertz * np.exp(rng.normal(0.0, wander, points))
    )
