"""The recordings a teacher was trained on: a list beside its logits."""

import hashlib
import json
from collections.abc import Collection
from pathlib import Path

from dssd_tf.errors import DataError, DssdError
from dssd_tf.files import read_json, write_json

RECORDINGS_FILE = "recordings.json"


def recordings_digest(recordings: Collection[str]) -> str:
    """BLAKE2b of the sorted list, 32 hexadecimal digits."""
    text = json.dumps(sorted(recordings))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def write_recordings(folder: Path, recordings: Collection[str]) -> None:
    """Write the sorted list into a teacher's folder.

    Raises:
        DssdError: It cannot be written.
    """
    write_json(folder / RECORDINGS_FILE, {"recordings": sorted(recordings)})


def read_recordings(folder: Path, digest: str | None) -> frozenset[str]:
    """The recordings of a teacher.

    Args:
        folder: The teacher's folder.
        digest: What the manifest says of the list.

    Raises:
        DataError: The list is missing, damaged, or not the one that the manifest stands for.
    """
    path = folder / RECORDINGS_FILE
    fix = "make the teacher again with --overwrite"
    try:
        found = read_json(path)["recordings"]
        recordings = frozenset(str(name) for name in found)
    except DssdError as error:
        raise DataError(error.problem, path=path, fix=fix) from error
    except (KeyError, TypeError) as error:
        raise DataError(f"is damaged ({error!r})", path=path, fix=fix) from error
    if recordings_digest(recordings) != digest:
        raise DataError("is not the list the bank was made with", path=path, fix=fix)
    return recordings
