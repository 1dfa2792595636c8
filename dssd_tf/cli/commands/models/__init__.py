"""`dssd models`: the registry."""

from typing import Any

from dssd_tf.cli.commands.models import card, describe, import_dsmn, save_preset, table
from dssd_tf.cli.options import subparser

ALL = (table, describe, import_dsmn, save_preset, card)

_EPILOG = """\
examples:
  dssd models                              every network with its size and head-room
  dssd models list 'dssdn*' --input 431,256,1
  dssd models describe dsmn_s
each action explains itself: dssd models ACTION --help
"""


def add_parser(subparsers: Any) -> None:
    """Add the command; without an action it prints the table of all networks."""
    parser = subparser(
        subparsers, "models", "list and describe the networks a recipe can name", _EPILOG
    )
    parser.set_defaults(
        handler=table.handle, uses_tensorflow=True, pattern="*", input=None, json=False, csv=False
    )
    inner = parser.add_subparsers(metavar="ACTION")
    for command in ALL:
        command.add_parser(inner)
