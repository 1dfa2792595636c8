"""A feed-forward dynamic range compressor, such as recorders have to even out levels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

_FRAME_SECONDS = 0.001
_DETECTOR_SECONDS = 0.005
_SILENCE = 1e-12


@dataclass(frozen=True)
class Compressor:
    """Reduces levels above a threshold.

    The level is the RMS with a time constant of 5 ms, followed in steps of 1 ms; the gain in dB
    is smoothed by the attack while it falls and by the release while it rises, and is linear
    between the steps.

    Source: Giannoulis, Massberg and Reiss, Digital Dynamic Range Compressor Design (Journal of
    the Audio Engineering Society, 2012): the static curve, equation 4, and the branching
    smoothing of the gain, equation 16.

    Attributes:
        threshold: In dB relative to an RMS of full scale.
        ratio: dB of input for one dB of output above the threshold, 1 or more.
        attack: Time constant in s.
        release: Time constant in s.
        knee: Width of the soft transition around the threshold, in dB, above 0.
    """

    threshold: float
    ratio: float
    attack: float
    release: float
    knee: float = 6.0

    def gain(self, level: NDArray[np.float64]) -> NDArray[np.float64]:
        """The static curve: gains in dB, 0 or less, of steady RMS levels in dB, any shape."""
        over = np.asarray(level, np.float64) - self.threshold
        bent = np.clip(over + self.knee / 2, 0, self.knee) ** 2 / (2 * self.knee)
        # Above the knee the parabola stands at half its width, where the straight line goes on.
        return (1 / self.ratio - 1) * (bent + np.maximum(over - self.knee / 2, 0))

    def __call__(self, signal: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
        """What it makes of `signal`.

        Args:
            signal: (samples,), 1.0 being full scale.
            rate: Sampling rate in Hz.

        Returns:
            (samples,).
        """
        step = max(1, round(rate * _FRAME_SECONDS))
        frames = -(-len(signal) // step)
        power = np.pad(np.square(signal), (0, frames * step - len(signal)), mode="edge")
        seconds = step / rate
        kept = np.exp(-seconds / _DETECTOR_SECONDS)
        power = power.reshape(frames, step).mean(axis=1)
        smooth, _ = lfilter([1 - kept], [1, -kept], power, zi=[kept * power[0]])
        wanted = self.gain(10 * np.log10(np.maximum(smooth, _SILENCE)))
        gains = self._smoothed(wanted, seconds)
        middles = (np.arange(frames) + 0.5) * step - 0.5
        return signal * 10 ** (np.interp(np.arange(len(signal)), middles, gains) / 20)

    def _smoothed(self, wanted: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
        falling, rising = (np.exp(-seconds / time) for time in (self.attack, self.release))
        gain, gains = float(wanted[0]), []
        for target in wanted.tolist():
            kept = falling if target < gain else rising
            gain = kept * gain + (1 - kept) * target
            gains.append(gain)
        return np.array(gains)
