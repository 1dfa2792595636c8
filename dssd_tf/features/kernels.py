"""Loops around the Fourier transform, compiled by Numba at their first use.

The machine code is kept on disk, beside this file or in the user's cache folder, so later
processes load it; where neither can be written, each process compiles anew. Importing this
module imports Numba: do it inside functions.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

# Sums may be reordered to fill vector registers; NaN and infinity keep their meaning.
_OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": {"contract", "reassoc", "nsz"}}


def _compiled(function: Callable[..., None]) -> Callable[..., None]:
    try:
        return numba.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # Numba found no folder that it may write to.
        return numba.njit(**_OPTIONS)(function)


@_compiled
def window_frames(
    waveform: NDArray[np.float32],
    window: NDArray[np.float64],
    hop_length: int,
    first: int,
    windowed: NDArray[np.float64],
) -> None:
    """Write centred frames `first`, `first` + 1, … times the window to `windowed` (frames, n_fft).

    Outside of it, the waveform (samples,) is its mirror image at the first and the last sample;
    it must have more than n_fft // 2 samples.
    """
    n_fft = window.size
    samples = waveform.size
    for frame in range(windowed.shape[0]):
        row = windowed[frame]
        start = (first + frame) * hop_length - n_fft // 2
        if start >= 0 and start + n_fft <= samples:
            inside = waveform[start : start + n_fft]
            for i in range(n_fft):
                row[i] = inside[i] * window[i]
        else:
            for i in range(n_fft):
                at = abs(start + i)
                if at >= samples:
                    at = 2 * (samples - 1) - at
                row[i] = waveform[at] * window[i]


@_compiled
def mel_power(
    spectrum: NDArray[np.complex128],
    start: NDArray[np.int64],
    offsets: NDArray[np.int64],
    weights: NDArray[np.float32],
    mel: NDArray[np.float32],
) -> None:
    """Write the mel power of `spectrum` (frames, bins) to `mel` (frames, bands).

    `start`, `offsets` and `weights` are those of a `FilterBank`.
    """
    bins = spectrum.shape[1]
    power = np.empty(bins, np.float32)
    for frame in range(spectrum.shape[0]):
        row = spectrum[frame]
        for k in range(bins):
            power[k] = row[k].real * row[k].real + row[k].imag * row[k].imag
        for band in range(start.size):
            count = offsets[band + 1] - offsets[band]
            heard = power[start[band] : start[band] + count]
            weight = weights[offsets[band] : offsets[band] + count]
            total = np.float32(0)
            for i in range(count):
                total += heard[i] * weight[i]
            mel[frame, band] = total
