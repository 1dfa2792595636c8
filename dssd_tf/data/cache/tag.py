"""The mark of a cache's folder, by which `clear` knows it and backups may leave it out."""

from pathlib import Path

from dssd_tf.errors import DataError
from dssd_tf.files import write_text

TAG_NAME = "CACHEDIR.TAG"
"""The Cache Directory Tagging Specification 0.6 (Ford, 2004)."""

_TEXT = """\
Signature: 8a477f597d28d172789f06886806bc55
# Cache of dssd_tf: features and waveforms that can be made anew from the recordings.
# See `dssd data cache --help`.
"""


def mark_cache(cache: Path) -> None:
    """Make the folder and its mark where they are missing.

    Raises:
        DssdError: They cannot be written.
    """
    if not (cache / TAG_NAME).is_file():
        write_text(cache / TAG_NAME, _TEXT)


def require_cache(cache: Path) -> None:
    """Refuse a folder that is not a cache of this package.

    Raises:
        DataError: It is missing or has no mark.
    """
    if not cache.is_dir():
        raise DataError("no such cache", path=cache, fix="give the folder of `data.cache`")
    tag = cache / TAG_NAME
    if not tag.is_file() or "dssd_tf" not in tag.read_text(encoding="utf-8", errors="replace"):
        raise DataError(
            f"is not a cache of dssd_tf: it has no {TAG_NAME}",
            path=cache,
            fix="give the folder of `data.cache`, by default feature_cache beside the runs",
        )
