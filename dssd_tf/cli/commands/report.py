"""`dssd report`: the HTML page."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd report runs/mine --output mine.html
  dssd report runs/before runs/mine --output both.html   # side by side

The page is one file without links to others; `dssd run` and `dssd report` make it from what the
run's folder holds so far. Of several runs it sets results, classes, devices and the settings that
differ side by side; `dssd compare` tells whether a difference may be chance.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(subparsers, "report", "write the HTML report of a run's folder", _EPILOG)
    parser.add_argument("targets", type=Path, nargs="+", metavar="RUN")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="default: RUN/report.html; of several runs side_by_side.html, here",
    )
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write the page."""
    from dssd_tf.pipeline import RunFolder
    from dssd_tf.progress import say
    from dssd_tf.report import write_report, write_side_by_side

    runs = [RunFolder.existing(target).path for target in options.targets]
    if len(runs) == 1:
        say(str(write_report(runs[0], target=options.output)))
    else:
        from dssd_tf.recipe import default_settings

        target = options.output or Path("side_by_side.html")
        say(str(write_side_by_side(runs, target, defaults=default_settings())))
    return 0
