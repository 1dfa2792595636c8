"""What a cache holds, entry by entry."""

from dataclasses import dataclass
from pathlib import Path

from dssd_tf.data.cache.index import shard_names
from dssd_tf.data.cache.settings import SETTINGS_NAME, EntrySettings, read_settings
from dssd_tf.data.cache.shard import read_clips
from dssd_tf.data.cache.tag import require_cache
from dssd_tf.errors import DataError
from dssd_tf.files import leftovers


@dataclass(frozen=True)
class EntryListing:
    """One entry.

    Args:
        name: Its folder.
        settings: Its settings; None where they cannot be read.
        clips: Clips in its readable shards; a recording that changed counts again.
        shards: Its shards.
        bytes: Of all its files.
        leftovers: Temporary folders of writers that were killed, or are at work.
    """

    name: str
    settings: EntrySettings | None
    clips: int
    shards: int
    bytes: int
    leftovers: int


def list_cache(cache: Path) -> list[EntryListing]:
    """Every entry of a cache, by name.

    Raises:
        DataError: The folder is missing or is not a cache.
    """
    require_cache(cache)
    return [_listing(entry) for entry in entry_folders(cache)]


def entry_folders(cache: Path) -> list[Path]:
    """The folders of the entries, by name."""
    return sorted(
        path
        for path in cache.iterdir()
        if (path / SETTINGS_NAME).is_file() and path.name.startswith(("features-", "waveforms-"))
    )


def _listing(entry: Path) -> EntryListing:
    names = shard_names(entry)
    return EntryListing(
        name=entry.name,
        settings=_settings(entry),
        clips=sum(_clips(entry / name) for name in names),
        shards=len(names),
        bytes=sum(path.stat().st_size for path in entry.rglob("*") if path.is_file()),
        leftovers=len(leftovers(entry)),
    )


def _settings(entry: Path) -> EntrySettings | None:
    try:
        return read_settings(entry)
    except DataError:
        return None


def _clips(shard: Path) -> int:
    try:
        return len(read_clips(shard)["names"])
    except DataError:
        return 0
