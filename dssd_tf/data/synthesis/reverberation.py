"""Rooms and open places: a decaying-noise impulse response."""

import numpy as np
import scipy.fft

from dssd_tf.data.synthesis.noise import RATE, Curve, Samples, band, gains


def reverberated(
    rng: np.random.Generator, signal: Samples, *, seconds: float, wet: float, colour: Curve
) -> Samples:
    """`signal` heard in a room.

    The late part of a room's response is close to Gaussian noise under an exponential decay
    (Moorer, "About this reverberation business", 1979). The convolution is circular: the tail
    of the end falls on the beginning, so that a recording's first clip is as reverberant as
    its others.

    Args:
        rng: The source of the response; the same state gives the same room.
        signal: (samples,) at 44.1 kHz.
        seconds: Reverberation time, to -60 dB.
        wet: Energy of the reverberation relative to the direct sound, linear amplitude.
        colour: Gain of the whole place over frequency.

    Returns:
        (samples,).
    """
    length = len(signal)
    tail = max(int(seconds * RATE), 64)
    fall = np.exp(-6.9 * np.arange(tail, dtype=np.float32) / tail)
    # The response is drawn before it is cut, so that its beginning is that of any longer signal.
    response = (rng.standard_normal(tail, dtype=np.float32) * fall)[:length]
    response *= wet / np.sqrt(np.sum(np.square(response)))
    # Air and walls take the high frequencies out of the tail.
    late = scipy.fft.rfft(response, n=length) * gains(band(1.0, 4000, 1), length)
    spectrum = scipy.fft.rfft(signal) * (1 + late) * gains(colour, length)
    return scipy.fft.irfft(spectrum, n=length)
