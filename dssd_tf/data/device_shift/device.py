"""One simulated recording device."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data.device_shift.compressor import Compressor
from dssd_tf.data.synthesis.noise import Curve, Resonance, Samples, band, peaks, product

Shelf = tuple[float, float]
"""Middle in Hz and gain in dB."""

_EDGE_ORDER = 2  # 12 dB an octave beyond the band limits
_LOWEST_DB = -60.0


@dataclass(frozen=True)
class ShiftDevice:
    """A recorder: a filter, a gain, a compressor and noise of its own, in this order.

    Attributes:
        low: Lower band limit in Hz, where the response is 3 dB down.
        high: Upper band limit in Hz.
        low_shelf: What it adds below a frequency.
        high_shelf: What it adds above a frequency.
        resonances: Peaks and dips.
        gain: Level in dB relative to device a.
        compressor: What evens out its levels.
        noise: RMS of its own white noise, in dB relative to full scale.
    """

    low: float
    high: float
    low_shelf: Shelf
    high_shelf: Shelf
    resonances: tuple[Resonance, ...]
    gain: float
    compressor: Compressor
    noise: float

    def response(self, hertz: NDArray[np.floating]) -> NDArray[np.float64]:
        """The magnitude response in dB, gain left out, at frequencies in Hz; both (bins,).

        It is the same at every sampling rate, and no lower than -60 dB.
        """
        curve = product(
            band(self.low, self.high, _EDGE_ORDER),
            _shelves(self.low_shelf, self.high_shelf),
            peaks(self.resonances),
        )
        linear = curve(np.maximum(hertz, 1.0).astype(np.float32)).astype(np.float64)
        return 20 * np.log10(np.maximum(linear, 10 ** (_LOWEST_DB / 20)))

    def values(self) -> dict[str, Any]:
        """The parameters, for JSON."""
        return asdict(self)


def _shelves(low: Shelf, high: Shelf) -> Curve:
    def curve(hertz: Samples) -> Samples:
        above = 1 / (1 + (high[0] / hertz) ** 2)
        below = 1 / (1 + (hertz / low[0]) ** 2)
        return (10 ** ((low[1] * below + high[1] * above) / 20)).astype(np.float32)

    return curve
