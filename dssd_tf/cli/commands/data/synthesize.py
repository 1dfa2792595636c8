"""`dssd data synthesize`: a small synthetic set."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
example:
  dssd data synthesize demo/data --seed 1
"""


def add_parser(subparsers: Any) -> None:
    """Add the action."""
    parser = subparser(
        subparsers,
        "synthesize",
        "render a small synthetic set in the TAU 2022 layout (for trying things; "
        "accuracies on it are no results)",
        _EPILOG,
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="new or empty folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--if-missing", action="store_true", help="do nothing if DIR holds a set already"
    )
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Render the set."""
    from dssd_tf.data.synthesis import synthesize
    from dssd_tf.progress import say, stage

    if options.if_missing and (options.folder / "meta.csv").is_file():
        say(f"{options.folder} holds a set already")
        return 0
    with stage("synthetic recordings") as remarks:
        synthesize(options.folder, seed=options.seed)
        remarks.append(str(options.folder))
    return 0
