"""Noise with a given spectrum, and the gain curves that shape it."""

import functools
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import scipy.fft

RATE = 44_100

Samples = npt.NDArray[np.float32]
Curve = Callable[[Samples], Samples]
Resonance = tuple[float, float, float]
"""Middle in Hz, gain in dB (negative: a dip), width in octaves."""


def shaped_noise(rng: np.random.Generator, samples: int, curve: Curve) -> Samples:
    """Gaussian noise with the magnitude `curve` gives to each frequency.

    Args:
        rng: The source of the noise.
        samples: The length, at 44.1 kHz.
        curve: Takes frequencies in Hz and gives linear gains, both (bins,).

    Returns:
        (samples,), of unit RMS, or all zeros where the curve is.
    """
    length = scipy.fft.next_fast_len(samples, real=True)
    # Sums of so many uniform terms are Gaussian, and uniform numbers are drawn far faster.
    parts = rng.random(2 * (length // 2 + 1), dtype=np.float32) - np.float32(0.5)
    spectrum = parts.view(np.complex64) * gains(curve, length)
    noise = scipy.fft.irfft(spectrum, n=length)[:samples]
    rms = np.sqrt(np.mean(np.square(noise)))
    return noise / rms if rms > 0 else noise


def filtered(signal: Samples, curve: Curve) -> Samples:
    """`signal`, (samples,), with the zero-phase gain of `curve`; the ends wrap round."""
    length = len(signal)  # a longer, faster transform would not wrap round
    return scipy.fft.irfft(scipy.fft.rfft(signal) * gains(curve, length), n=length)


def gains(curve: Curve, length: int) -> Samples:
    """The gains of `curve` in the bins of a transform of `length` samples, (length // 2 + 1,).

    From half a second on, eight neighbouring bins share a gain: they are less than 16 Hz wide,
    and the curves are smooth.
    """
    hertz = frequencies(length)
    if length < RATE // 2:
        return curve(hertz)
    return np.repeat(curve(hertz[::8]), 8)[: len(hertz)]


@functools.lru_cache(maxsize=32)
def frequencies(length: int) -> Samples:
    """The bins' frequencies in Hz, (length // 2 + 1,); the first is 1 Hz, to allow logarithms."""
    hertz = scipy.fft.rfftfreq(length, 1 / RATE).astype(np.float32)
    hertz[0] = 1.0
    hertz.flags.writeable = False  # shared by all callers
    return hertz


def band(low: float, high: float, order: int = 2) -> Curve:
    """A Butterworth-like band-pass between `low` and `high` Hz, `order` at each edge."""

    def curve(hertz: Samples) -> Samples:
        edges = (1 + (low / hertz) ** (2 * order)) * (1 + (hertz / high) ** (2 * order))
        return (1 / np.sqrt(edges)).astype(np.float32)

    return curve


def tilt(db_per_octave: float) -> Curve:
    """A straight line on a logarithmic scale, 0 dB at 1 kHz, level below 30 Hz."""

    def curve(hertz: Samples) -> Samples:
        line = (np.maximum(hertz, 30) / 1000) ** (db_per_octave / 6.02)
        return line.astype(np.float32)

    return curve


def peaks(resonances: Iterable[Resonance]) -> Curve:
    """Bumps and dips, Gaussian in dB over a logarithmic frequency axis."""
    known = tuple(resonances)

    def curve(hertz: Samples) -> Samples:
        decibels = np.zeros_like(hertz)
        for middle, gain, width in known:
            decibels += gain * np.exp(-2 * np.square(np.log2(hertz / middle) / width))
        return (10 ** (decibels / 20)).astype(np.float32)

    return curve


def product(*curves: Curve) -> Curve:
    """Several curves one behind the other."""

    def curve(hertz: Samples) -> Samples:
        total = np.ones_like(hertz)
        for each in curves:
            total = total * each(hertz)
        return total

    return curve
