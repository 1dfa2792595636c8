"""The analysis window."""

import numpy as np
from numpy.typing import NDArray

from dssd_tf.features.config import LogMelConfig


def analysis_window(config: LogMelConfig) -> NDArray[np.float64]:
    """Periodic Hann window of `win_length` samples in the middle of `n_fft` zeros, (n_fft,)."""
    import scipy.signal

    window = scipy.signal.get_window("hann", config.win_length, fftbins=True)
    left = (config.n_fft - config.win_length) // 2
    return np.pad(window, (left, config.n_fft - config.win_length - left))
