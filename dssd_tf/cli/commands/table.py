"""`dssd table`: a sweep's summary as markdown."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd table runs/sweep/results_summary.csv
  dssd table results_summary.csv --system int8 --sort macro_accuracy
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "table", "print the summary of a sweep as a markdown table", _EPILOG
    )
    parser.add_argument("summary", type=Path, metavar="CSV")
    parser.add_argument("--system", metavar="NAME", help="rows of this system only")
    parser.add_argument("--sort", metavar="COLUMN", help="best first: log loss up, others down")
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print."""
    from dssd_tf.pipeline.sweep.markdown import read_summary, summary_markdown

    table = read_summary(options.summary)
    print(summary_markdown(table, system=options.system, sort=options.sort))
    return 0
