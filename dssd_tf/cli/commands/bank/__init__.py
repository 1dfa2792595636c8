"""`dssd bank`: banks of teachers' logits."""

from typing import Any

from dssd_tf.cli.commands.bank import average, import_logits, listing, verify
from dssd_tf.cli.options import subparser

ALL = (listing, import_logits, average, verify)

_EPILOG = """\
examples:
  dssd teach RUN --out bank               fill a bank (see dssd teach --help)
  dssd bank ls bank
  dssd bank import logits.npz --out bank --name big --classes airport,bus,...
  dssd bank average bank --out both --weights big=2,bigger=1
  dssd bank verify bank --data DIR --fold 1
each action explains itself: dssd bank ACTION --help
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "bank", "list, check and extend banks of teachers' logits", _EPILOG
    )
    inner = parser.add_subparsers(metavar="ACTION", required=True)
    for command in ALL:
        command.add_parser(inner)
