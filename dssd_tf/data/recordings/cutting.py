"""The clips of one recording."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data.audio import ClipReader
from dssd_tf.data.config import AudioConfig
from dssd_tf.data.recordings.recording import Recording
from dssd_tf.errors import DataError

SILENT = 1e-4
"""Peak below which a clip holds nothing: −80 dB of full scale."""

_ORDER = 10


class RecordingCut(NamedTuple):
    """What a recording gave.

    Attributes:
        clips: The whole clips that are not silent, (clips, samples).
        silent: How many are.
        seconds: What the recording lasts.
    """

    clips: NDArray[np.float32]
    silent: int
    seconds: float


def cut_recording(
    recording: Recording, rate: int, seconds: float, max_hz: float | None = None
) -> RecordingCut:
    """The whole clips of a recording.

    Other sampling rates are resampled, channels averaged; what is left at the end is dropped.

    Args:
        recording: The recording.
        rate: Of the clips, in Hz.
        seconds: Of a clip, a sample or more.
        max_hz: Frequencies above are taken out, so that recordings of a lower rate are not told
            by their bandwidth; None for none.

    Raises:
        DataError: The file cannot be read or has another SHA-256 than the recording says.
    """
    if recording.sha256 is not None and (found := _sha256(recording.path)) != recording.sha256:
        raise DataError(
            f"has SHA-256 {found[:12]}…, expected {recording.sha256[:12]}…",
            path=recording.path,
            fix="fetch it again; it may be another version",
        )
    lenient = AudioConfig(sampling_rate_mismatch="resample", multichannel="downmix")
    waveform = ClipReader(rate, None, lenient)(recording.path)
    if max_hz is not None:
        from scipy.signal import butter, sosfiltfilt

        sections = butter(_ORDER, max_hz, fs=rate, output="sos")
        waveform = sosfiltfilt(sections, waveform).astype(np.float32)
    samples = round(rate * seconds)
    count = waveform.size // samples
    clips = waveform[: count * samples].reshape(count, samples)
    heard = np.abs(clips).max(axis=1, initial=0) >= SILENT
    return RecordingCut(clips[heard], int((~heard).sum()), waveform.size / rate)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", path=path) from error
