"""Telling a WAV that ends before its header says it does; libsndfile reads such a file silently."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dssd_tf.progress import warn

# Headers that are wrong by their own length are common, and nothing is lost there.
_TOLERANCE = 0.01

# What recorders write where they cannot know: sox 0x7FFFF000, arecord 0x7FFFFFFF or 0x80000000,
# ffmpeg 0xFFFFFFFF, others 0.
_OPEN_ENDED = 0x7FFFF000


@dataclass(frozen=True)
class TruncatedWav:
    """A recording of which the end is missing.

    Args:
        promised: Seconds by the header.
        held: Seconds that are in the file.
    """

    promised: float
    held: float

    def __str__(self) -> str:
        return f"header promises {self.promised:.2f} s, the file ends at {self.held:.2f} s"


def truncated_wav(path: Path | str) -> TruncatedWav | None:
    """How far a file falls short of its header's `data` chunk; only the header is read.

    None if it holds all of it, to a hundredth of a second, and for what cannot be told: other
    formats, headers of streams, damaged ones, which reading refuses.
    """
    try:
        with Path(path).open("rb") as file:
            return _truncated(file)
    except (OSError, struct.error):
        return None


def warn_of_truncated_wav(path: Path | str) -> None:
    """Print one warning line if the file is truncated."""
    if (found := truncated_wav(path)) is not None:
        warn(f"{path}: {found}; copy it again")


def _truncated(file: BinaryIO) -> TruncatedWav | None:
    size = file.seek(0, 2)
    file.seek(0)
    kind, form = file.read(4), file.read(8)[4:]
    if kind not in (b"RIFF", b"RIFX", b"RF64") or form != b"WAVE":
        return None
    order = ">" if kind == b"RIFX" else "<"
    bytes_a_second, long_size = 0, None
    while True:
        name, length = struct.unpack(f"{order}4sI", file.read(8))
        start = file.tell()
        if name == b"fmt ":
            rate, bytes_a_second = struct.unpack(f"{order}4xII", file.read(12))
            if not bytes_a_second:
                bytes_a_second = rate * struct.unpack(f"{order}H", file.read(2))[0]
        elif name == b"ds64":
            long_size = struct.unpack("<8xQ", file.read(16))[0]
        elif name == b"data":
            break
        # Chunks are padded to an even length.
        file.seek(start + length + length % 2)
    if kind == b"RF64" and length == 0xFFFFFFFF:
        length = long_size or 0
    elif length >= _OPEN_ENDED:
        length = 0
    if not length or not bytes_a_second:
        return None
    found = TruncatedWav(length / bytes_a_second, max(0, size - start) / bytes_a_second)
    return found if found.promised - found.held > _TOLERANCE else None
