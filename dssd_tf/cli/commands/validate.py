"""`dssd validate`: a submission against the rules."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd validate Last_Inst_task1_1.zip --edition 2022
  dssd validate demo/run/submission/Doe_EXAMPLE_task1_1.zip --edition 2022 --like demo/run
  dssd validate output.csv --edition 2024 --json

Exit code: 0 without faults, 1 with faults, 2 on an error.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "validate", "check a submission (zip, folder or output CSV) for faults", _EPILOG
    )
    parser.add_argument("target", type=Path, metavar="ZIP|FOLDER|CSV")
    parser.add_argument("--edition", type=int, required=True, metavar="YEAR")
    parser.add_argument(
        "--like",
        type=Path,
        metavar="RUN",
        help="take classes and evaluation clips from this run, not from the official data",
    )
    parser.add_argument("--json", action="store_true", help="print the faults as JSON")
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Validate and print."""
    from dssd_tf.challenge import validate
    from dssd_tf.progress import say

    classes = files = None
    if options.like:
        from dssd_tf.pipeline import RunFolder
        from dssd_tf.pipeline.packaging import data_of

        classes, files = data_of(RunFolder.existing(options.like))
    faults = validate(options.target, options.edition, classes=classes, files=files)
    if options.json:
        print(json.dumps([dataclasses.asdict(fault) for fault in faults], indent=2))
    else:
        for fault in faults:
            print(fault)
        say(f"{options.target}: {f'{len(faults)} faults' if faults else 'valid'}")
    return 1 if faults else 0
