"""`dssd validate`: a submission against the rules."""

import argparse
import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dssd_tf.cli.options import subparser

if TYPE_CHECKING:
    from dssd_tf.challenge import Fault

_EPILOG = """\
examples:
  dssd validate Last_Inst_task1_1.zip --edition 2022
  dssd validate demo/run/submission/Doe_EXAMPLE_task1_1.zip --edition 2022 --like demo/run
  dssd validate output.csv --edition 2024 --json

A line a fault, file by file:
  FILE:ROW: FIELD: what is wrong (found …, expected …)

Exit code: 0 without faults, 1 with faults, 2 on an error.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "validate", "check a submission (zip, folder or output CSV) for faults", _EPILOG
    )
    parser.add_argument(
        "target",
        type=Path,
        metavar="ZIP|FOLDER|CSV",
        help="the package, its unpacked folder, or one output file",
    )
    parser.add_argument("--edition", metavar="YEAR", help="the edition of the rules")
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
    from dssd_tf.challenge import list_editions, load_edition, validate
    from dssd_tf.challenge.other_data import of_other_data
    from dssd_tf.errors import PackageError
    from dssd_tf.progress import say

    if options.edition is None:
        known = ", ".join(map(str, list_editions()))
        raise PackageError("no edition is given", fix=f"add --edition and one of {known}")
    edition = load_edition(options.edition)
    classes = files = None
    if options.like:
        from dssd_tf.pipeline import RunFolder
        from dssd_tf.pipeline.packaging import data_of

        classes, files = data_of(RunFolder.existing(options.like))
    faults = _by_file(validate(options.target, edition, classes=classes, files=files))
    if options.json:
        print(json.dumps([dataclasses.asdict(fault) for fault in faults], indent=2))
    else:
        for fault in faults:
            print(fault.in_full())
    say(f"{options.target}: {_summary(faults)}")
    if not options.like and of_other_data(faults):
        say(
            f"these are not the classes or files of {edition.year}; a package of other data is "
            "checked against the run that it was made of: --like RUN"
        )
    return 1 if faults else 0


def _by_file(faults: Sequence["Fault"]) -> list["Fault"]:
    """The faults of a file together, files in the order of their first fault."""
    order = {file: place for place, file in enumerate(dict.fromkeys(f.file for f in faults))}
    return sorted(faults, key=lambda fault: order[fault.file])


def _summary(faults: Sequence["Fault"]) -> str:
    if not faults:
        return "valid"
    counts = Counter(fault.file for fault in faults)
    whole = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
    return f"{whole}: {', '.join(f'{count} in {file}' for file, count in counts.items())}"
