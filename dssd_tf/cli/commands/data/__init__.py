"""`dssd data`: data sets and the cache of what is computed from them."""

from typing import Any

from dssd_tf.cli.commands.data import cache, cut, devices, download, prepare, synthesize, verify
from dssd_tf.cli.options import subparser

ALL = (synthesize, download, cut, verify, devices, prepare, cache)

_EPILOG = """\
examples:
  dssd data synthesize demo/data --seed 1
  dssd data download tau2022 DIR
  dssd data cut recordings/ data/mine
  dssd data verify DIR
  dssd data devices DIR OUT --seed 1
  dssd data prepare RECIPE --data DIR
  dssd data cache ls runs/feature_cache
each action explains itself: dssd data ACTION --help
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "data", "make, fetch and check data sets; prepare features", _EPILOG
    )
    inner = parser.add_subparsers(metavar="ACTION", required=True)
    for command in ALL:
        command.add_parser(inner)
