"""The preparation path of the front end: a float64 FFT between two compiled loops."""

from functools import cached_property

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray

from dssd_tf.features.config import LogMelConfig
from dssd_tf.features.filter_bank import FilterBank, filter_bank
from dssd_tf.features.finish import finish
from dssd_tf.features.window import analysis_window

# Samples of the frames that are transformed at once: they and their spectrum stay in the cache.
_BLOCK = 3 * 2**16
_LOG10_E = np.float32(np.log10(np.e))


class LogMelExtractor:
    """Computes log-mel features of one clip at a time.

    The definition is ``librosa.feature.melspectrogram`` (power 2, centred, reflect padding)
    followed by ``log10(mel + log_offset)``. The transform runs in float64, as in librosa: a
    float32 transform leaves its rounding noise in bands five decades of power under a frame's
    loudest. The numbers equal librosa's within 1e-5 in log10. One extractor may serve several
    threads.

    Args:
        config: The front end.
    """

    def __init__(self, config: LogMelConfig):
        self.config = config

    def __call__(self, waveform: ArrayLike) -> NDArray[np.float32]:
        """Features (time, frequency, channels) of `waveform` (samples,), values in [-1, 1].

        Raises:
            ValueError: The waveform is not one-dimensional, is empty, is too short to be
                centred by reflection, or holds NaN or infinity.
        """
        return finish(self.log_mel(waveform), self.config)

    def log_mel(self, waveform: ArrayLike) -> NDArray[np.float32]:
        """log10 of the mel power plus the offset, (time, frequency), not standardised.

        Raises:
            ValueError: See `__call__`.
        """
        from dssd_tf.features.kernels import mel_power, window_frames

        samples = self._checked(waveform)
        bank, window, hop = self._bank, self._window, self.config.hop_length
        frames, n_fft = self.config.frames(samples.size), self.config.n_fft
        block = min(frames, max(1, _BLOCK // n_fft))
        windowed = np.empty((block, n_fft))
        mel = np.empty((frames, self.config.n_mels), dtype=np.float32)
        for first in range(0, frames, block):
            part = mel[first : first + block]
            rows = windowed[: len(part)]
            window_frames(samples, window, hop, first, rows)
            spectrum = scipy.fft.rfft(rows, axis=-1)
            mel_power(spectrum, bank.start, bank.offsets, bank.weights, part)
        mel += np.float32(self.config.log_offset)
        # NumPy's float32 log is several times as fast as its log10.
        np.log(mel, out=mel)
        mel *= _LOG10_E
        return mel

    def _checked(self, waveform: ArrayLike) -> NDArray[np.float32]:
        # One kind of array, so that the loops are compiled once; a read-only one is copied.
        samples = np.require(waveform, np.float32, ["C", "W"])
        half = self.config.n_fft // 2
        if np.ndim(waveform) != 1 or samples.size == 0:
            raise ValueError(f"expected a mono waveform (samples,), got shape {np.shape(waveform)}")
        if not np.isfinite(samples).all():
            raise ValueError("the waveform holds NaN or infinite samples")
        if samples.size <= half:
            raise ValueError(
                f"the waveform has {samples.size} samples; reflection at n_fft "
                f"{self.config.n_fft} needs more than {half}"
            )
        return samples

    @cached_property
    def _window(self) -> NDArray[np.float64]:
        return analysis_window(self.config)

    @cached_property
    def _bank(self) -> FilterBank:
        return filter_bank(self.config)
