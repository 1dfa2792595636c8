"""`dssd models card`: a model card from a sweep."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd models card runs/sweep/base
  dssd models card runs/sweep/base --out cards/base.md

FOLDER is that of a configuration in the --out of `dssd sweep`. The card tells the network, the
training, accuracy and log loss with spread and intervals over its folds and seeds, by class and by
device, and ends with the recipe. A preset's own card is written by `dssd models save-preset`.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "card", "write the model card of a configuration of a sweep", _EPILOG
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: print it")
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Print or write."""
    from dssd_tf.files import write_text
    from dssd_tf.pipeline.sweep.card import configuration_card

    text = configuration_card(options.folder)
    if options.out is None:
        print(text, end="")
    else:
        write_text(options.out, text)
    return 0
