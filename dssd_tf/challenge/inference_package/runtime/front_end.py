"""From a waveform to the network's input, by the arrays that lie beside the model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import scipy.fft
import scipy.sparse
from numpy.typing import NDArray

from dssd_tf.challenge.inference_package.runtime.errors import InferenceError

SETTINGS, ARRAYS = "front_end.json", "front_end.npz"
_STANDARDIZE = ("clip", "none")


class FrontEnd:
    """Log-mel features of clips of one length.

    Power spectra of centred frames (reflected at the edges, float64 transform), mel bands,
    log10 of the power plus an offset. ``standardize: clip`` brings each clip to zero mean and
    unit (unbiased) deviation over time and frequency. With deltas, the second channel is the
    slope of the first over five frames, standardised likewise; with band_centred, the last is
    the first less each band's mean over time, standardised likewise.

    Args:
        settings: sampling_rate (Hz), clip_samples, hop_length (samples), log_offset, standardize
            (``clip`` or ``none``), deviation_floor, deltas, band_centred.
        arrays: ``window`` (n_fft,); the mel filters as rows of a compressed sparse matrix:
            ``mel_weights``, ``mel_bins``, ``mel_offsets`` (bands + 1,).

    Raises:
        InferenceError: A setting is unknown to this front end.
    """

    def __init__(self, settings: dict[str, Any], arrays: dict[str, NDArray[Any]]):
        self.sampling_rate, self.samples = settings["sampling_rate"], settings["clip_samples"]
        self._settings = settings
        if settings["standardize"] not in _STANDARDIZE:
            raise InferenceError(
                f"standardize is {settings['standardize']!r}", fix=f"use one of {_STANDARDIZE}"
            )
        self._window = arrays["window"].astype(np.float64)
        self._mel = scipy.sparse.csr_array(
            (arrays["mel_weights"].astype(np.float64), arrays["mel_bins"], arrays["mel_offsets"]),
            shape=(arrays["mel_offsets"].size - 1, self._window.size // 2 + 1),
        )

    @classmethod
    def open(cls, folder: Path) -> "FrontEnd":
        """The front end that lies in a folder.

        Raises:
            InferenceError: A file is missing or damaged.
        """
        try:
            settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
            with np.load(folder / ARRAYS) as arrays:
                return cls(settings, dict(arrays))
        except (OSError, KeyError, ValueError) as error:
            raise InferenceError(
                f"holds no readable front end ({error})", path=folder, fix="unpack it again"
            ) from error

    def __call__(self, waveform: NDArray[np.floating]) -> NDArray[np.float32]:
        """Features (time, frequency, channels) of `waveform` (samples,), values in [-1, 1]."""
        settings = self._settings
        values = self.log_mel(waveform).astype(np.float64)
        standardized = settings["standardize"] == "clip"
        if standardized:
            values = self._standardize(values)
        further = [_deltas(values)] if settings["deltas"] else []
        if settings["band_centred"]:
            further.append(values - values.mean(axis=0))
        if standardized:
            further = [self._standardize(channel) for channel in further]
        return np.stack([values, *further], axis=-1).astype(np.float32)

    def log_mel(self, waveform: NDArray[np.floating]) -> NDArray[np.float32]:
        """log10 of the mel power plus the offset, (time, frequency), not standardised."""
        n_fft = self._window.size
        padded = np.pad(np.asarray(waveform, np.float64), n_fft // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)
        spectrum = scipy.fft.rfft(frames[:: self._settings["hop_length"]] * self._window, axis=-1)
        mel = (self._mel @ (spectrum.real**2 + spectrum.imag**2).T).T
        # The offset is added in float32, in which the networks were trained.
        offset = np.float32(self._settings["log_offset"])
        return np.log10(mel.astype(np.float32) + offset)

    def _standardize(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        centred = values - values.mean()
        deviation = np.sqrt(np.square(centred).sum() / max(values.size - 1, 1))
        # The floor turns a constant clip into zeros, not NaN.
        return centred / max(deviation, self._settings["deviation_floor"])


def _deltas(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The regression over five frames of HTK (Young et al., The HTK Book, 2002)."""
    padded = np.pad(values, [(2, 2), (0, 0)], mode="edge")
    return (2 * (padded[4:] - padded[:-4]) + padded[3:-1] - padded[1:-3]) / 10
