"""`dssd data cache`: list, verify and clear caches."""

import argparse
import sys
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd data cache ls runs/feature_cache
  dssd data cache verify runs/feature_cache --root DIR --root DIR/evaluation
  dssd data cache clear runs/feature_cache waveforms --yes

A cache holds an entry for every kind (features, waveforms) and settings of the front end.
"""


def add_parser(subparsers: Any) -> None:
    """Add the action with its own actions."""
    parser = subparser(
        subparsers, "cache", "list, verify or clear a cache of features and waveforms", _EPILOG
    )
    inner = parser.add_subparsers(metavar="ACTION", required=True)
    listing = subparser(inner, "ls", "list the entries of a cache")
    listing.add_argument("cache", type=Path, metavar="DIR")
    listing.set_defaults(handler=handle_ls)
    verify = subparser(
        inner, "verify", "read every shard and name each fault; the exit code is then 1"
    )
    verify.add_argument("cache", type=Path, metavar="DIR")
    verify.add_argument(
        "--root",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="also compare the recordings; repeat it for every set (fold, evaluation) of the cache",
    )
    verify.set_defaults(handler=handle_verify)
    clear = subparser(inner, "clear", "remove entries of a cache and what killed writers left")
    clear.add_argument("cache", type=Path, metavar="DIR")
    clear.add_argument(
        "entries", nargs="*", metavar="ENTRY", help="names or beginnings of them (default: all)"
    )
    clear.add_argument("--yes", action="store_true", help="do not ask")
    clear.set_defaults(handler=handle_clear)


def handle_ls(options: argparse.Namespace) -> int:
    """Print a table of the entries."""
    from dssd_tf.cli.text_table import Column, print_table
    from dssd_tf.data.cache.listing import list_cache
    from dssd_tf.files import leftovers
    from dssd_tf.progress import say

    entries = list_cache(options.cache)
    if entries:
        print_table(
            [
                Column("entry", [e.name for e in entries]),
                Column("clips", [f"{e.clips:,}" for e in entries], number=True),
                Column("shards", [f"{e.shards:,}" for e in entries], number=True),
                Column("bytes", [f"{e.bytes:,}" for e in entries], number=True),
                Column("leftovers", [f"{e.leftovers:,}" for e in entries], number=True),
                Column(
                    "settings",
                    [e.settings.summary() if e.settings else "unreadable" for e in entries],
                    folds=True,
                ),
            ]
        )
    else:
        say(f"{options.cache}: no entries")
    left = len(leftovers(options.cache))
    if left:
        say(
            f"{left} temporary folders of writers that are at work or were killed; "
            "`dssd data cache clear` removes them, and `dssd data prepare` those of an hour ago"
        )
    return 0


def handle_verify(options: argparse.Namespace) -> int:
    """Print every fault."""
    from dssd_tf.data.cache.verify import count_shards, verify_cache
    from dssd_tf.errors import DataError
    from dssd_tf.progress import bar, say

    for root in options.root:
        if not root.is_dir():
            raise DataError("no such folder", path=root, fix="give the dataset by --root")
    count = 0
    with bar("verifying shards", count_shards(options.cache)) as advance:
        for fault in verify_cache(options.cache, options.root, advance):
            print(fault)
            count += 1
    say(f"{options.cache}: {f'{count} faults' if count else 'no faults'}")
    return 1 if count else 0


def handle_clear(options: argparse.Namespace) -> int:
    """Remove entries, after asking."""
    from dssd_tf.data.cache.clear import chosen_entries, clear_cache
    from dssd_tf.data.cache.listing import list_cache
    from dssd_tf.errors import DssdError
    from dssd_tf.progress import say

    chosen = {entry.name for entry in chosen_entries(options.cache, options.entries)}
    listed = [entry for entry in list_cache(options.cache) if entry.name in chosen]
    for entry in listed:
        say(f"{entry.name}: {entry.clips:,} clips, {entry.bytes:,} bytes")
    if listed and not options.yes:
        if not sys.stdin.isatty():
            raise DssdError(
                f"would remove {len(listed)} entries and nobody is there to ask",
                path=options.cache,
                fix="add --yes",
            )
        if input("Remove? [y/N] ").strip().lower() not in {"y", "yes"}:
            say("nothing removed")
            return 0
    clear_cache(options.cache, [options.cache / entry.name for entry in listed])
    say(f"{options.cache}: {len(listed)} entries removed")
    return 0
