"""`dssd report`: the HTML page."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
example:
  dssd report runs/mine --output mine.html

The page is one file without links to others; `dssd run` and `dssd report` make it from what the
run's folder holds so far.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(subparsers, "report", "write the HTML report of a run's folder", _EPILOG)
    parser.add_argument("target", type=Path, metavar="RUN")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: RUN/report.html")
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write the page."""
    from dssd_tf.pipeline import RunFolder
    from dssd_tf.progress import say
    from dssd_tf.report import write_report

    run = RunFolder.existing(options.target)
    say(str(write_report(run.path, target=options.output)))
    return 0
