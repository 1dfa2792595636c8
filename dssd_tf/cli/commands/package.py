"""`dssd package`: runs to a submission."""

import argparse
import shlex
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd package --init submissions/mine/entry.yaml
  dssd package runs/mine --edition 2022 --entry submissions/mine/entry.yaml --out submissions/mine
  dssd package runs/split5 runs/split10 runs/split25 runs/split50 runs/split100 \\
      --edition 2024 --entry submissions/mine/entry.yaml --out submissions/mine
  dssd package runs/general runs/device_a runs/device_b --edition 2025 --eval DIR \\
      --entry submissions/mine/entry.yaml --out submissions/mine
  dssd package --inference runs/general runs/device_a runs/device_b --edition 2025 \\
      --entry submissions/mine/entry.yaml --out submissions/mine

The entry file holds what only a person knows; everything measured comes from the runs.

Several systems go into one package in the order of the entry. 2024: one run a training split, the
runs of the first system first. 2025: the run of the general model, behind it those of single
devices (data.train_devices), then the next system's. --eval runs each run's deployed model over an
evaluation set (audio/N.wav), in parts that are kept if the command is stopped. --inference writes
the importable package of the inference code that 2025 asks for, which needs no evaluation.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "package", "write and validate a submission from finished runs", _EPILOG
    )
    parser.add_argument(
        "runs", type=Path, nargs="*", metavar="RUN", help="folders of finished runs"
    )
    parser.add_argument("--edition", type=int, metavar="YEAR", help="see `dssd editions`")
    parser.add_argument("--entry", type=Path, metavar="FILE", help="entry file (YAML)")
    parser.add_argument(
        "--eval", type=Path, metavar="DIR", help="evaluation set to run the models over first"
    )
    parser.add_argument(
        "--own-data",
        action="store_true",
        help="the data are not the challenge's: check the package against them",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", default=Path(), help="default: here")
    parser.add_argument(
        "--inference", action="store_true", help="write the inference code instead (2025)"
    )
    parser.add_argument("--init", type=Path, metavar="FILE", help="write an entry file to fill in")
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Package the runs, or write the template."""
    from dssd_tf.challenge import load_edition, write_entry_template
    from dssd_tf.errors import PackageError
    from dssd_tf.progress import say

    if options.init:
        if options.runs or options.inference:
            raise PackageError("--init only writes an entry to fill in", fix="give it alone")
        write_entry_template(options.init)
        say(f"{options.init}: fill it in")
        entry = shlex.quote(str(options.init))
        say(f"next: dssd package RUN --edition YEAR --entry {entry}")
        return 0
    if not options.runs or options.edition is None or options.entry is None:
        raise PackageError(
            "a package needs RUN…, --edition and --entry", fix="see `dssd package --help`"
        )
    from dssd_tf.pipeline import RunFolder

    runs = [RunFolder.existing(path) for path in options.runs]
    edition = load_edition(options.edition)
    if options.inference:
        if options.eval:
            raise PackageError(
                "--inference predicts nothing", path=options.eval, fix="leave --eval out"
            )
        from dssd_tf.pipeline.inference_packaging import package_inference

        folder = package_inference(runs, edition, options.entry, options.out)
        say(str(folder))
        say(f"next: python {folder / 'test_complexity.py'}")
        return 0
    from dssd_tf.pipeline.packaging import package_runs

    package = package_runs(
        runs,
        edition,
        options.entry,
        options.out,
        evaluation=options.eval,
        own_data=options.own_data,
    )
    for line in (str(package.path), *package.remarks, f"to check it again: {package.check}"):
        say(line)
    return 0
