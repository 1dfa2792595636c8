"""A recording that clips are cut from."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Recording:
    """One file, and what is known of it.

    Args:
        path: The file.
        scene: Its class.
        group: What it was recorded together with: files of one group, a place or a session, stay
            in one fold. Groups of different scenes are different.
        device: What recorded it.
        fold: The fold that tests on it; None leaves that to the folds' maker.
        sha256: What the file's bytes must have, in hexadecimal digits; None for anything.
        licence: Of the recording.
        source: Where it is from, for the attribution.
    """

    path: Path
    scene: str
    group: str
    device: str = "a"
    fold: int | None = None
    sha256: str | None = None
    licence: str = ""
    source: str = ""
