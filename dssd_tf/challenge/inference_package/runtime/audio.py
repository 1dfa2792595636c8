"""Reading one clip as a mono waveform of the front end's rate and length."""

import threading
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dssd_tf.challenge.inference_package.runtime.errors import InferenceError

# Clips cut by rounding are a sample or two off: no reason for a warning.
_LENGTH_TOLERANCE = 0.01


class ClipReader:
    """Reads clips, and counts what it had to change so that one warning can tell it.

    Channels are averaged, other rates resampled, longer clips cut at the end, shorter ones
    padded with zeros. One reader may serve several threads.

    Args:
        sampling_rate: Hz of the waveforms returned.
        samples: Samples of the waveforms returned.
    """

    def __init__(self, sampling_rate: int, samples: int):
        self.sampling_rate, self.samples = sampling_rate, samples
        self._changed: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    def __call__(self, path: Path | str) -> NDArray[np.float32]:
        """The waveform (samples,), values in [-1, 1].

        Raises:
            InferenceError: The file is missing, cannot be read as audio, is empty or holds NaN.
        """
        import soundfile

        if not Path(path).is_file():
            raise InferenceError("no such recording", path=path, fix="check file_paths")
        try:
            audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
        except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
            # TypeError: headerless audio (.raw), whose rate nothing tells.
            raise InferenceError(
                f"cannot be read as audio ({error})", path=path, fix="copy the file again"
            ) from error
        if audio.shape[0] == 0:
            raise InferenceError("holds no samples", path=path, fix="copy the file again")
        if not np.isfinite(audio).all():
            raise InferenceError("holds NaN or infinite samples", path=path)
        return self._fit(self._at_rate(self._mono(audio, path), rate, path), path)

    def warn(self) -> None:
        """Issue one `UserWarning` for each kind of change since the last call."""
        with self._lock:
            changed, self._changed = self._changed, {}
        for what, files in sorted(changed.items()):
            warnings.warn(f"{what}: {len(files)} files, first {files[0]}", stacklevel=3)

    def _mono(self, audio: NDArray[np.float32], path: Path | str) -> NDArray[np.float32]:
        if audio.shape[1] == 1:
            return audio[:, 0]
        self._note(f"averaged {audio.shape[1]} channels to one", path)
        return audio.mean(axis=1, dtype=np.float32)

    def _at_rate(
        self, waveform: NDArray[np.float32], rate: int, path: Path | str
    ) -> NDArray[np.float32]:
        if rate == self.sampling_rate:
            return waveform
        import soxr

        self._note(f"resampled from {rate} to {self.sampling_rate} Hz", path)
        return np.asarray(soxr.resample(waveform, rate, self.sampling_rate), np.float32)

    def _fit(self, waveform: NDArray[np.float32], path: Path | str) -> NDArray[np.float32]:
        missing = self.samples - waveform.size
        if abs(missing) > _LENGTH_TOLERANCE * self.samples:
            wanted = f"{self.samples / self.sampling_rate:g} s"
            self._note(f"padded to {wanted}" if missing > 0 else f"cut to {wanted}", path)
        return np.pad(waveform[: self.samples], (0, max(0, missing)))

    def _note(self, what: str, path: Path | str) -> None:
        with self._lock:
            self._changed.setdefault(what, []).append(str(path))
