"""`dssd bank average`: an ensemble as a teacher of its own."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.commands.bank.teacher_options import add_overwrite
from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd bank average bank --out both --weights big=2,bigger=1
  dssd bank average bank --out both --weights big=1,bigger=1 --average probabilities

The teachers must have the same clips. The weights are divided by their sum.
"""


def add_parser(subparsers: Any) -> None:
    """Add the action."""
    parser = subparser(
        subparsers, "average", "store the weighted mean of teachers as a teacher", _EPILOG
    )
    parser.add_argument("bank", type=Path, metavar="BANK")
    parser.add_argument("--out", required=True, metavar="NAME", help="of the new teacher")
    parser.add_argument("--weights", required=True, metavar="NAME=WEIGHT,...")
    parser.add_argument(
        "--average",
        choices=("logits", "probabilities"),
        default="logits",
        help="what is averaged (default: %(default)s)",
    )
    add_overwrite(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Store the mean."""
    from dssd_tf.progress import say
    from dssd_tf.teachers.ensemble import average_teachers

    record = average_teachers(
        options.bank,
        options.out,
        parse_weights(options.weights),
        average=options.average,
        overwrite=options.overwrite,
    )
    say(f"{options.bank}: {record.name}, {record.clips:,} clips, {record.source}")
    return 0


def parse_weights(text: str) -> dict[str, float]:
    """Weights written `a=1,b=2`.

    Raises:
        DssdError: The text is not of that form, or names a teacher twice.
    """
    from dssd_tf.errors import DssdError

    weights: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        try:
            weight = float(value)
        except ValueError:
            weight, equals = 0.0, ""
        if not name or not equals:
            raise DssdError(f"--weights {part!r} is not of the form NAME=WEIGHT")
        if name in weights:
            raise DssdError(f"--weights names {name!r} twice")
        weights[name] = weight
    return weights
