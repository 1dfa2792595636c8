"""`dssd models describe`: one network in full."""

import argparse
import json
import textwrap
from typing import TYPE_CHECKING, Any

from dssd_tf.cli.options import subparser

if TYPE_CHECKING:
    from dssd_tf.challenge.headroom import Headroom
    from dssd_tf.challenge.network_description import NetworkDescription

_EPILOG = """\
examples:
  dssd models describe dsmn_s
  dssd models describe dssdn_large --set input_shape=[431,256,1] --set pattern=FFFFF
  dssd models describe cp_mobile --json

Without an int8 file nothing is refused: `dssd complexity` judges a run.
"""


def add_parser(subparsers: Any) -> None:
    """Add the action."""
    parser = subparser(
        subparsers,
        "describe",
        "print a network's source, arguments, layers, counts and head-room",
        _EPILOG,
    )
    parser.add_argument("name", metavar="NAME", help="a network of `dssd models`")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override an argument of its constructor, e.g. --set classes=13 (repeatable)",
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Build, measure and print."""
    from dssd_tf.challenge.network_description import describe_network
    from dssd_tf.recipe import ModelConfig
    from dssd_tf.recipe.loading import parse_overrides

    given = ModelConfig(name=options.name, options=parse_overrides(options.set))
    network = describe_network(given.name, given.options)
    if options.json:
        print(json.dumps(network.to_dict(), indent=2, allow_nan=False, default=str))
    else:
        _print(network)
    return 0


def _print(network: "NetworkDescription") -> None:
    print(f"{network.name}: {network.summary}")
    for key, value in (
        ("constructor", f"{network.constructor}: {network.description}".rstrip(": ")),
        ("source", network.source),
        ("tag", network.tag and f"{network.tag} (of the constructor)"),
        ("input", f"{network.input_shape} (time, frequency, channels)"),
        ("output", str(network.output_shape)),
    ):
        if value:
            print(textwrap.fill(f"{key:<13}{value}", 100, subsequent_indent=" " * 13))
    _print_arguments(network)
    _print_layers(network)
    print()
    for limit in network.headroom:
        print(_sentence(limit))


def _print_arguments(network: "NetworkDescription") -> None:
    from dssd_tf.cli.text_table import Column, print_table

    print()
    print_table(
        [
            Column("argument", list(network.arguments)),
            Column("value", [str(argument.value) for argument in network.arguments.values()]),
            Column("set by", [argument.origin for argument in network.arguments.values()]),
        ]
    )


def _print_layers(network: "NetworkDescription") -> None:
    from dssd_tf.challenge.network_description import layer_frame
    from dssd_tf.cli.text_table import Column, print_table

    layers, counts = layer_frame(network.complexity), network.complexity
    shapes = ["-" if shape is None else str(tuple(shape)) for shape in layers["output_shape"]]
    columns = [
        Column("layer", [*layers["name"], "total"]),
        Column("type", [*layers["type"], ""]),
        Column("output", [*shapes, ""]),
    ]
    for key, heading in (
        ("parameters", "parameters"),
        ("macs", "MACs"),
        ("macs_torchinfo", "torchinfo"),
    ):
        cells = [f"{value:,}" for value in (*layers[key], getattr(counts, key))]
        shares = [*layers[f"{key}_percent"], layers[f"{key}_percent"].sum()]
        columns.append(Column(heading, cells, number=True))
        columns.append(Column("%", [f"{share:.1f}" for share in shares], number=True))
    print()
    print_table(columns)
    print("\nMACs: multiply-adds that really happen; torchinfo: by that rule; one clip.")
    if counts.uncounted:
        names = ", ".join(counts.uncounted)
        print(textwrap.fill(f"MACs leave out what has no rule: {names}.", 100))


def _sentence(limit: "Headroom") -> str:
    from dssd_tf.challenge.headroom import INT8_RULE

    start = f"{limit.edition} {limit.name}: "
    memory = "; limit from memory, unverified" if limit.unverified else ""
    if limit.measured is None or limit.headroom_percent is None:
        return (
            f"{start}not judged here, limit {limit.limit:,} {limit.unit} ({limit.counter} on the "
            f"{limit.model} model: see `dssd complexity`{memory})"
        )
    left = f"{limit.headroom_percent:.1f} % left"
    if limit.basis == "exact":
        verdict, how = "within" if limit.passed else "OVER", limit.counter
    else:
        # The file may be over where the estimate is not.
        verdict, how = "of" if limit.passed else "OVER", f"estimate: {INT8_RULE}"
    mark = "" if limit.basis == "exact" else "~"
    return (
        f"{start}{mark}{limit.measured:,.0f} {verdict} {limit.limit:,} {limit.unit}, "
        f"{mark}{left} ({how}{memory})"
    )
