"""The preparation path of the front end: SciPy's float32 FFT and a sparse mel product."""

from functools import cached_property

import numpy as np
import scipy.fft
import scipy.signal
import scipy.sparse
from numpy.typing import NDArray

from dssd_tf.features.config import LogMelConfig


class LogMelExtractor:
    """Computes log-mel features of one clip at a time.

    The definition is ``librosa.feature.melspectrogram`` (power 2, centred, reflect padding)
    followed by ``log10(mel + log_offset)``. The transform runs in float32: bands that lie more
    than about nine decades of power under the clip's loudest carry its rounding noise.

    Args:
        config: The front end.
    """

    def __init__(self, config: LogMelConfig):
        self.config = config

    def __call__(self, waveform: NDArray[np.floating]) -> NDArray[np.float32]:
        """Features (time, frequency, channels) of `waveform` (samples,), values in [-1, 1].

        Raises:
            ValueError: The waveform is not one-dimensional, is empty, is too short to be
                centred by reflection, or holds NaN or infinity.
        """
        log_mel = self.log_mel(waveform)
        if self.config.standardize == "clip":
            log_mel = _standardize(log_mel)
        if not self.config.deltas:
            return log_mel[..., None]
        deltas = _deltas(log_mel)
        if self.config.standardize == "clip":
            deltas = _standardize(deltas)
        return np.stack([log_mel, deltas], axis=-1)

    def log_mel(self, waveform: NDArray[np.floating]) -> NDArray[np.float32]:
        """log10 of the mel power plus the offset, (time, frequency), not standardised.

        Raises:
            ValueError: See `__call__`.
        """
        waveform = np.asarray(waveform, dtype=np.float32)
        half = self.config.n_fft // 2
        if waveform.ndim != 1 or waveform.size == 0:
            raise ValueError(f"expected a mono waveform (samples,), got shape {waveform.shape}")
        if not np.isfinite(waveform).all():
            raise ValueError("the waveform holds NaN or infinite samples")
        if waveform.size <= half:
            raise ValueError(
                f"the waveform has {waveform.size} samples; reflection at n_fft "
                f"{self.config.n_fft} needs more than {half}"
            )
        padded = np.pad(waveform, half, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, self.config.n_fft)
        windowed = frames[:: self.config.hop_length] * self._window
        spectrum = scipy.fft.rfft(windowed, axis=-1, overwrite_x=True)
        power = spectrum.real**2 + spectrum.imag**2
        mel = self._filters.dot(power.T).T
        return np.log10(mel + np.float32(self.config.log_offset)).astype(np.float32)

    @cached_property
    def _window(self) -> NDArray[np.float32]:
        window = scipy.signal.get_window("hann", self.config.win_length, fftbins=True)
        left = (self.config.n_fft - self.config.win_length) // 2
        right = self.config.n_fft - self.config.win_length - left
        return np.pad(window, (left, right)).astype(np.float32)

    @cached_property
    def _filters(self) -> scipy.sparse.csr_matrix:
        import librosa

        bank = librosa.filters.mel(
            sr=self.config.sampling_rate,
            n_fft=self.config.n_fft,
            n_mels=self.config.n_mels,
            fmin=self.config.fmin,
            fmax=self.config.fmax,
            htk=self.config.mel_scale == "htk",
            norm=self.config.mel_norm,
        )
        return scipy.sparse.csr_matrix(bank.astype(np.float32))


def _standardize(values: NDArray[np.float32]) -> NDArray[np.float32]:
    # In float32 the mean of equal values is a rounding error off, which the division blows up.
    exact = values.astype(np.float64)
    deviation = exact.std(ddof=1) if exact.size > 1 else 0.0
    return ((exact - exact.mean()) / max(deviation, 1e-6)).astype(np.float32)


def _deltas(values: NDArray[np.float32]) -> NDArray[np.float32]:
    import librosa

    deltas = librosa.feature.delta(values, width=5, axis=0, mode="nearest")
    return deltas.astype(np.float32)
