"""Recordings that lie in a folder for each class."""

from pathlib import Path

from dssd_tf.data.recordings.recording import Recording
from dssd_tf.errors import DataError
from dssd_tf.progress import warn

SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff"})


def recordings_in_folders(root: Path, *, device: str = "a") -> list[Recording]:
    """The recordings under ``root/CLASS/``, sorted.

    A file right under the class is a group of its own; all files of a folder below it are one
    group: they are from one place or session and stay in one fold. Names that begin with a dot,
    and files that are no audio by their suffix, are left out; a class without any recording is
    warned of.

    Args:
        root: The folder.
        device: What recorded all of them.

    Raises:
        DataError: There is no such folder, or fewer than two classes with recordings.
    """
    if not root.is_dir():
        raise DataError("no such folder", path=root)
    found = []
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        hidden = any(part.startswith(".") for part in parts)
        if hidden or len(parts) < 2 or path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        # The suffix stays: bell.wav and bell.flac may be two sounds.
        found.append(Recording(path, parts[0], parts[1], device, source=path.name))
    scenes = {recording.scene for recording in found}
    _warn_of_empty_classes(root, scenes)
    if len(scenes) < 2:
        raise DataError(
            f"holds recordings of {len(scenes)} classes",
            path=root,
            fix="make a folder for each class, with its recordings (wav, flac, ogg, mp3, aiff)",
        )
    return found


def _warn_of_empty_classes(root: Path, scenes: set[str]) -> None:
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        if folder.name in scenes or folder.name.startswith("."):
            continue
        suffixes = {path.suffix.lower() for path in folder.rglob("*") if path.is_file()}
        kinds = ", ".join(sorted(suffix or "no suffix" for suffix in suffixes))
        reason = f"no recording that can be read ({kinds})" if kinds else "nothing"
        warn(f"{folder}: holds {reason}; the class is left out")
