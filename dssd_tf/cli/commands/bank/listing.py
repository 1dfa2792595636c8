"""`dssd bank ls`: the teachers of a bank."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dssd_tf.cli.options import subparser

if TYPE_CHECKING:
    from dssd_tf.teachers import TeacherRecord

_EPILOG = """\
example:
  dssd bank ls bank
"""


def add_parser(subparsers: Any) -> None:
    """Add the action."""
    parser = subparser(subparsers, "ls", "list the teachers of a bank", _EPILOG)
    parser.add_argument("bank", type=Path, metavar="BANK")
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print a table of the teachers."""
    from dssd_tf.cli.text_table import Column, print_table
    from dssd_tf.progress import say
    from dssd_tf.teachers import read_manifest

    manifest = read_manifest(options.bank)
    records = manifest.teachers
    if records:
        print_table(
            [
                Column("teacher", [r.name for r in records]),
                Column(
                    "clips",
                    [f"{r.clips:,}" if r.finished else "unfinished" for r in records],
                    number=True,
                ),
                Column("model", [r.system or "–" for r in records]),
                Column("stored", [r.dtype for r in records]),
                Column("trained on", [trained_on(r) for r in records]),
                Column("created", [r.created for r in records]),
                Column("source", [r.source for r in records], folds=True),
            ]
        )
    say(f"{options.bank}: {len(records)} teachers, classes {', '.join(manifest.classes)}")
    return 0


def trained_on(record: "TeacherRecord") -> str:
    """The training list of a teacher, and how many recordings of it are known."""
    origin = record.origin
    if origin is None:
        return "not known"
    parts = []
    if origin.split is not None:
        parts.append(f"split {origin.split}")
    elif origin.fold is not None:
        parts.append(f"fold {origin.fold}")
    if origin.recordings is None:
        parts.append("recordings not known")
    else:
        more = "" if origin.complete else " and others"
        parts.append(f"{origin.recordings:,} recordings{more}")
    return ", ".join(parts)
