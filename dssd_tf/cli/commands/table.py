"""`dssd table`: a sweep's summary as markdown and as a picture."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dssd_tf.cli.options import subparser

if TYPE_CHECKING:
    import pandas as pd

_EPILOG = """\
examples:
  dssd table runs/sweep/results_summary.csv
  dssd table results_summary.csv --system int8 --sort macro_accuracy
  dssd table results_summary.csv --system int8 --differences      # of a sweep with --against
  dssd table results_summary.csv --system int8 --brief --only wide,cp_resnet
  dssd table results_summary.csv --system int8 --plot accuracy.svg
  dssd table results_summary.csv --system int8 --plot unseen.png --score unseen_accuracy
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "table", "print the summary of a sweep as a markdown table", _EPILOG
    )
    parser.add_argument("summary", type=Path, metavar="CSV", help="a sweep's results_summary.csv")
    parser.add_argument("--system", metavar="NAME", help="rows of this system only")
    parser.add_argument("--sort", metavar="COLUMN", help="best first: log loss up, others down")
    parser.add_argument(
        "--only", metavar="NAME,…", help="these configurations, in this order unless sorted"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--brief", action="store_true", help="print means only, in few columns")
    form.add_argument(
        "--differences",
        action="store_true",
        help="print what each gains over the sweep's --against instead",
    )
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="draw score against cost too (.svg or .png)"
    )
    parser.add_argument(
        "--cost",
        default="macs",
        metavar="COLUMN",
        help="of the picture: macs (default), macs_torchinfo, parameters or bytes",
    )
    parser.add_argument(
        "--score",
        default="macro_accuracy",
        metavar="COLUMN",
        help="of the picture: macro_accuracy (default), seen_accuracy or unseen_accuracy",
    )
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print, and draw if asked to."""
    from dssd_tf.errors import RunError
    from dssd_tf.pipeline.sweep.markdown import read_summary

    table = read_summary(options.summary)
    try:
        _show(table, options)
    except RunError as error:
        if error.path:
            raise
        raise RunError(error.problem, path=options.summary, fix=error.fix) from error
    return 0


def _show(table: "pd.DataFrame", options: argparse.Namespace) -> None:
    from dssd_tf.pipeline.sweep.brief import brief_markdown
    from dssd_tf.pipeline.sweep.markdown import difference_markdown, summary_markdown

    markdown = summary_markdown
    if options.brief or options.differences:
        markdown = brief_markdown if options.brief else difference_markdown
    only = None if options.only is None else options.only.split(",")
    print(markdown(table, system=options.system, sort=options.sort, only=only))
    if options.plot is not None:
        from dssd_tf.pipeline.sweep.plot import plot_summary

        plot_summary(
            table, options.plot, system=options.system, cost=options.cost, score=options.score
        )
