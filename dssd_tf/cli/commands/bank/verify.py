"""`dssd bank verify`: a bank's files, and whether its teachers serve a fold."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd bank verify bank
  dssd bank verify bank --data DIR --fold 1 --strict

With --data it is also checked that every teacher has the clips of the fold's training list and
was not trained on recordings of its test list.

Exit code: 0 without faults, 1 with faults, 2 on an error.
"""


def add_parser(subparsers: Any) -> None:
    """Add the action."""
    parser = subparser(subparsers, "verify", "read every shard and name each fault", _EPILOG)
    parser.add_argument("bank", type=Path, metavar="BANK")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the student's dataset")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--fold", type=int, metavar="N", help="the student's fold (default: 1)")
    part.add_argument("--split", type=int, metavar="N", help="the student's split")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="a teacher of which it is not known what it was trained on is a fault",
    )
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print every fault."""
    from dssd_tf.cli.commands.bank.training_list import read_training_list
    from dssd_tf.errors import DssdError
    from dssd_tf.progress import say, warn
    from dssd_tf.teachers.verify import Student, verify_bank

    student = None
    if options.data is not None:
        dataset = read_training_list(options.data, options.fold, options.split)
        student = Student(
            classes=dataset.classes,
            train_names=list(dataset.train["filename"]),
            test_recordings=set(dataset.test["recording"]),
            fold=1 if options.fold is None else options.fold,
            split=options.split,
        )
    elif options.fold is not None or options.split is not None or options.strict:
        raise DssdError(
            "--fold, --split and --strict say how teachers are held against a dataset",
            fix="add --data DIR",
        )
    count = 0
    for fault in verify_bank(options.bank, student):
        if fault.doubt and not options.strict:
            warn(str(fault))
        else:
            print(fault)
            count += 1
    say(f"{options.bank}: {f'{count} faults' if count else 'no faults'}")
    return 1 if count else 0
