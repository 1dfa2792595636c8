"""The recording devices: how each changes what another would have recorded."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter1d

from dssd_tf.data.synthesis.noise import (
    RATE,
    Curve,
    Samples,
    band,
    filtered,
    peaks,
    product,
    shaped_noise,
    tilt,
)

REAL = ("a", "b", "c")
SIMULATED_SEEN = ("s1", "s2", "s3")
SIMULATED_UNSEEN = ("s4", "s5", "s6")
EVALUATION_ONLY = ("d", "s7", "s8", "s9", "s10")


@dataclass(frozen=True)
class Device:
    """A recorder.

    Attributes:
        low: Lower band limit, in Hz.
        high: Upper band limit, in Hz.
        slope: Tilt of the response, in dB an octave.
        resonances: Peaks (positive) and dips of the response: middle in Hz, gain in dB, width in
            octaves.
        threshold: RMS level above which it compresses, in dB relative to full scale.
        ratio: Compression ratio above the threshold; 1 leaves the signal as it is.
        floor: RMS of its own noise, in dB relative to full scale.
        gain: Level relative to device a, in dB.
    """

    low: float = 20.0
    high: float = 20_000.0
    slope: float = 0.0
    resonances: tuple[tuple[float, float, float], ...] = ()
    threshold: float = 0.0
    ratio: float = 1.0
    floor: float = -80.0
    gain: float = 0.0


DEVICES: Mapping[str, Device] = {
    "a": Device(),
    "b": Device(80, 16_000, 0.4, ((2800, 4, 1.0),), -34, 2.0, -66, 3),
    "c": Device(120, 14_000, -0.4, ((900, 3, 1.2), (5000, 3, 0.8)), -36, 2.0, -64, 2),
    "d": Device(70, 12_000, -0.8, ((1500, 4, 0.8),), -32, 2.5, -62, -2),
    "s1": Device(60, 18_000, 0.6, ((1200, -4, 1.0), (6000, 4, 0.7)), -35, 1.5, -68, -2),
    "s2": Device(100, 15_000, -0.6, ((400, 3, 1.0), (3500, -4, 1.0)), -38, 2.0, -66, 1),
    "s3": Device(80, 13_000, 0.3, ((2000, 5, 0.6),), -33, 2.0, -66, 0),
    "s4": Device(140, 12_000, 0.9, ((700, -5, 1.0), (4200, 5, 0.8)), -40, 2.0, -62, -3),
    "s5": Device(60, 10_000, -1.0, ((300, 4, 1.0), (1700, -5, 0.7)), -38, 2.5, -64, 3),
    "s6": Device(160, 9_000, 0.4, ((1100, 6, 0.6), (3000, -6, 0.8)), -42, 2.5, -61, 0),
    "s7": Device(110, 11_000, -0.8, ((2500, 6, 0.6),), -38, 2.0, -63, 2),
    "s8": Device(130, 17_000, 0.8, ((500, -5, 1.0),), -36, 2.5, -64, -2),
    "s9": Device(170, 12_000, 0.0, ((850, 5, 0.8), (5200, -5, 0.8)), -40, 2.0, -62, 1),
    "s10": Device(100, 8_500, 0.6, ((1900, -6, 1.0), (3600, 5, 0.6)), -40, 2.5, -61, -1),
}


def capture(rng: np.random.Generator, sound: Samples, device: Device) -> Samples:
    """What `device` records of a sound.

    Args:
        rng: The source of the device's own noise.
        sound: (samples,) at 44.1 kHz, 1.0 being full scale.
        device: The recorder.

    Returns:
        (samples,) in [-1, 1], clipped where the sound is too loud.
    """
    heard = filtered(sound, _response(device)) * np.float32(10 ** (device.gain / 20))
    if device.ratio > 1:
        heard = _compressed(heard, device.threshold, device.ratio)
    own = shaped_noise(rng, len(sound), band(20, device.high, 1))
    return np.clip(heard + own * np.float32(10 ** (device.floor / 20)), -1.0, 1.0)


def _response(device: Device) -> Curve:
    return product(band(device.low, device.high, 2), tilt(device.slope), peaks(device.resonances))


def _compressed(signal: Samples, threshold: float, ratio: float) -> Samples:
    """`signal`, (samples,), with its 20-ms level above `threshold` dB reduced by `ratio`."""
    power = uniform_filter1d(np.square(signal), RATE // 50, mode="nearest")
    over = np.sqrt(np.maximum(power, 0)) / np.float32(10 ** (threshold / 20))
    return signal * np.maximum(over, 1) ** np.float32(1 / ratio - 1)
