"""`dssd train`: features and training only."""

import argparse
from typing import Any

from dssd_tf.cli.commands.run import add_run_options, go
from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd train recipes/demo/demo.yaml --data demo/data --out demo/run
  dssd train demo/run                                      go on after a kill, or Ctrl-C

The rest follows by `dssd run demo/run`, or stage by stage: dssd quantize demo/run, then
dssd evaluate demo/run.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(subparsers, "train", "prepare features and train the float model", _EPILOG)
    add_run_options(parser)
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Run the first two stages."""
    from dssd_tf.progress import say

    run = go(options, ["features", "train"])
    if run is not None:
        say(f"model  {run.float_model}")
    return 0
