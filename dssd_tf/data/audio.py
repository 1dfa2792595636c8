"""Reading one clip as a mono waveform of the expected rate and length."""

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data.config import AudioConfig
from dssd_tf.errors import DataError

_LENGTH_TOLERANCE = 0.01


class ClipReader:
    """Reads clips and counts what it had to convert, so that one warning can tell it.

    Args:
        sampling_rate: Hz of the waveforms returned.
        seconds: Length of a clip; None takes each file as it is.
        config: What to do with other rates, channels and lengths.
    """

    def __init__(self, sampling_rate: int, seconds: float | None, config: AudioConfig):
        self.sampling_rate, self.config = sampling_rate, config
        self.samples = None if seconds is None else round(sampling_rate * seconds)
        self.converted: Counter[str] = Counter()

    def __call__(self, path: Path | str) -> NDArray[np.float32]:
        """The waveform (samples,), values in [-1, 1].

        Raises:
            DataError: The file is missing, unreadable, empty, holds NaN, or has another rate,
                channel count or length than the configuration allows.
        """
        import soundfile

        path = Path(path)
        if path.is_dir():
            fix = f"name its files, such as {path / '*.wav'}"
            raise DataError("is a folder, not a recording", path=path, fix=fix)
        if not path.is_file():
            raise DataError("no such recording", path=path)
        try:
            audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
        except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
            # TypeError: headerless audio (.raw), whose rate nothing tells.
            raise DataError(
                f"cannot be read as audio ({error})", path=path, fix="copy the file again"
            ) from error
        if audio.shape[0] == 0:
            raise DataError("holds no samples", path=path, fix="copy the file again")
        if not np.isfinite(audio).all():
            raise DataError("holds NaN or infinite samples", path=path)
        waveform = self._mono(audio, path)
        return self._fit(self._at_rate(waveform, rate, path), path)

    def warnings(self) -> list[str]:
        """What was converted, one line a kind."""
        return [f"{what}: {count} files" for what, count in sorted(self.converted.items())]

    def _mono(self, audio: NDArray[np.float32], path: Path) -> NDArray[np.float32]:
        channels = audio.shape[1]
        if channels == 1:
            return audio[:, 0]
        if self.config.multichannel == "error":
            raise DataError(
                f"has {channels} channels, expected 1",
                path=path,
                fix="set data.audio.multichannel=downmix to average them",
            )
        self.converted[f"averaged {channels} channels to one"] += 1
        return audio.mean(axis=1, dtype=np.float32)

    def _at_rate(self, waveform: NDArray[np.float32], rate: int, path: Path) -> NDArray[np.float32]:
        if rate == self.sampling_rate:
            return waveform
        if self.config.sampling_rate_mismatch == "error":
            raise DataError(
                f"is sampled at {rate} Hz, expected {self.sampling_rate}",
                path=path,
                fix="set data.audio.sampling_rate_mismatch=resample to convert it",
            )
        import soxr

        self.converted[f"resampled from {rate} to {self.sampling_rate} Hz"] += 1
        return soxr.resample(waveform, rate, self.sampling_rate).astype(np.float32)

    def _fit(self, waveform: NDArray[np.float32], path: Path) -> NDArray[np.float32]:
        wanted = self.samples
        if wanted is None or waveform.size == wanted:
            return waveform
        if abs(waveform.size - wanted) > _LENGTH_TOLERANCE * wanted:
            if self.config.length_mismatch == "error":
                found = waveform.size / self.sampling_rate
                raise DataError(
                    f"lasts {found:.3f} s, expected {wanted / self.sampling_rate:.3f} s",
                    path=path,
                    fix="if it is truncated copy it again; else set data.clip_seconds, or "
                    "data.audio.length_mismatch=fit to pad or cut",
                )
            self.converted["padded or cut to the clip's length"] += 1
        return np.pad(waveform[:wanted], (0, max(0, wanted - waveform.size)))
