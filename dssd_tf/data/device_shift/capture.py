"""What a simulated device records of a clip."""

import functools

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin2, minimum_phase, oaconvolve

from dssd_tf.data.device_shift.device import ShiftDevice

# A tenth of a second of response follows the curves to 0.2 dB above 60 Hz.
_TAP_SECONDS = 0.1
_GRID = 2**15
_LEAD_SECONDS = 0.25

KNEE, CEILING = 0.8, 0.99
"""Peaks above the first are bent, so that none reaches the second; full scale is 1."""


def capture(
    rng: np.random.Generator, sound: NDArray[np.float64], rate: int, device: ShiftDevice
) -> NDArray[np.float64]:
    """What `device` records of a sound.

    The sound, mirrored, goes before itself for a quarter of a second, so that filter and
    compressor have settled when it begins, as in a clip that is cut out of a recording.

    Args:
        rng: The source of the device's own noise.
        sound: (samples,), 1 or more, 1.0 being full scale.
        rate: Sampling rate in Hz.
        device: The recorder.

    Returns:
        (samples,) in (-0.99, 0.99).
    """
    lead = min(len(sound), round(_LEAD_SECONDS * rate))
    heard = np.concatenate([sound[:lead][::-1], sound])
    heard = oaconvolve(heard, impulse_response(device, rate))[: len(heard)]
    heard = device.compressor(heard * 10 ** (device.gain / 20), rate)[lead:]
    own = rng.standard_normal(len(heard)) * 10 ** (device.noise / 20)
    return limited(heard + own)


@functools.lru_cache(maxsize=64)
def impulse_response(device: ShiftDevice, rate: int) -> NDArray[np.float64]:
    """The minimum-phase impulse response of a device's filter, (taps,), at `rate` Hz.

    Microphones and small loudspeakers are close to minimum phase; the curve alone then tells
    the response.
    """
    hertz = np.linspace(0, rate / 2, _GRID + 1)
    taps = round(rate * _TAP_SECONDS) // 2 * 2 + 1
    gains = 10 ** (device.response(hertz) / 20)
    linear = firwin2(taps, hertz, gains, nfreqs=_GRID + 1, window="hann", fs=rate)
    response = minimum_phase(linear, n_fft=4 * _GRID, half=False)
    response.flags.writeable = False  # shared by all callers
    return response


def limited(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """`signal`, (samples,), with peaks above 0.8 bent to stay below 0.99; the rest as it is."""
    size = np.abs(signal)
    bent = KNEE + (CEILING - KNEE) * np.tanh((size - KNEE) / (CEILING - KNEE))
    return np.where(size <= KNEE, signal, np.sign(signal) * bent)
