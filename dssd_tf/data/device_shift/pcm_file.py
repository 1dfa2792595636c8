"""Integer PCM files, read and written without loss."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from dssd_tf.errors import DataError

_FORMATS = ("WAV", "WAVEX", "FLAC")
_BITS = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32}


@dataclass(frozen=True)
class PcmForm:
    """How a file holds its samples: sampling rate in Hz, libsndfile's format and subtype."""

    rate: int
    format: str
    subtype: str

    @property
    def bits(self) -> int:
        """Bits a sample."""
        return _BITS[self.subtype]


def read_pcm(path: Path) -> tuple[NDArray[np.float64], PcmForm]:
    """The samples (samples,) of a mono file, in [-1, 1), and its form.

    Raises:
        DataError: The file is missing, unreadable or empty, has several channels, or is neither
            WAV nor FLAC with integer samples of 16 bits or more.
    """
    if not path.is_file():
        raise DataError("no such recording", path=path)
    try:
        with soundfile.SoundFile(path) as file:
            form = PcmForm(file.samplerate, file.format, file.subtype)
            if form.format not in _FORMATS or form.subtype not in _BITS:
                raise DataError(
                    f"is {form.format} with {form.subtype} samples",
                    path=path,
                    fix="convert the set to WAV or FLAC with 16 or 24 bits",
                )
            if file.channels != 1:
                raise DataError(
                    f"has {file.channels} channels, expected 1", path=path, fix="make it mono"
                )
            promised, samples = file.frames, file.read(dtype="int32")
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        # TypeError: headerless audio (.raw), whose rate nothing tells.
        raise DataError(
            f"cannot be read as audio ({error})", path=path, fix="copy the file again"
        ) from error
    if len(samples) < promised or not promised:
        raise DataError(
            f"ends after {len(samples)} of {promised} samples", path=path, fix="copy it again"
        )
    return samples / 2.0**31, form


def write_pcm(path: Path, samples: NDArray[np.float64], form: PcmForm) -> None:
    """Write `samples`, (samples,) in [-1, 1), rounded to the nearest step of `form`."""
    steps = 2.0 ** (form.bits - 1)
    whole = np.clip(np.rint(samples * steps), -steps, steps - 1).astype(np.int64)
    left = (whole << (32 - form.bits)).astype(np.int32)
    # By way of memory: written to a file, libsndfile would wait for the disk after every clip.
    encoded = io.BytesIO()
    soundfile.write(encoded, left, form.rate, subtype=form.subtype, format=form.format)
    path.write_bytes(encoded.getbuffer())
