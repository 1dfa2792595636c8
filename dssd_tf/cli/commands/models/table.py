"""`dssd models list`: what every network costs."""

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dssd_tf.cli.options import input_shape, subparser

if TYPE_CHECKING:
    from dssd_tf.challenge.headroom import Headroom
    from dssd_tf.challenge.network_table import NetworkRow

_EPILOG = """\
examples:
  dssd models list 'dsmn*'
  dssd models list --input 431,256,1       measured on ten seconds instead
  dssd models list --csv > networks.csv
"""


def add_parser(subparsers: Any) -> None:
    """Add the action."""
    parser = subparser(
        subparsers, "list", "print parameters, MACs, bytes and head-room of networks", _EPILOG
    )
    parser.add_argument("pattern", nargs="?", default="*", help="shell pattern, e.g. 'dsmn*'")
    parser.add_argument(
        "--input",
        type=input_shape,
        metavar="T,F,C",
        help="measure at this input (time, frequency, channels), e.g. 431,256,1",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print everything as JSON")
    form.add_argument("--csv", action="store_true", help="print the table as CSV")
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Measure and print."""
    from dssd_tf.challenge.network_table import network_frame, network_rows

    rows = network_rows(_matching(options.pattern), input_shape=options.input)
    if options.json:
        value = {"notes": _notes(rows), "networks": [row.to_dict() for row in rows]}
        print(json.dumps(value, indent=2, allow_nan=False))
    elif options.csv:
        print(network_frame(rows).to_csv(index=False, lineterminator="\n"), end="")
    else:
        _print(rows)
    return 0


def _matching(pattern: str) -> list[str]:
    from dssd_tf.config_errors import nearest
    from dssd_tf.errors import ModelError
    from dssd_tf.models import list_models

    names = list_models(pattern)
    if not names:
        raise ModelError(
            f"no network matches {pattern!r}{nearest(pattern.strip('*'), list_models())}",
            fix="see them all with `dssd models`",
        )
    return names


def _print(rows: Sequence["NetworkRow"]) -> None:
    from dssd_tf.cli.text_table import Column, print_table

    columns = [
        Column("name", [row.name for row in rows]),
        Column("input", ["-" if r.input_shape is None else str(r.input_shape) for r in rows]),
        Column("parameters", [_count(row.parameters) for row in rows], number=True),
        Column("MACs", [_count(row.macs_torchinfo) for row in rows], number=True),
        Column("bytes", [_count(row.int8_bytes, "~") for row in rows], number=True),
    ]
    for heading, cells in _headroom_columns(rows):
        columns.append(Column(heading, cells, number=True))
    summaries = [row.error or row.summary for row in rows]
    print_table([*columns, Column("summary", summaries, folds=True)])
    print()
    for note in _notes(rows):
        print(note)


def _headroom_columns(rows: Sequence["NetworkRow"]) -> list[tuple[str, list[str]]]:
    """One column for the limits of all editions that have the same value and the same measure."""
    years: dict[tuple[Any, ...], list[int]] = {}
    for limit in _limits(rows):
        if limit.basis != "not judged":
            years.setdefault(_kind(limit), []).append(limit.edition)
    columns = []
    for kind, editions in years.items():
        cells = []
        for row in rows:
            found = [limit for limit in row.headroom if _kind(limit) == kind]
            cells.append(_percent(found[0]) if found else "-")
        columns.append((f"{', '.join(map(str, editions))} {kind[0]}", cells))
    return columns


def _kind(limit: "Headroom") -> tuple[Any, ...]:
    return limit.name, limit.limit, limit.unit, limit.measure, limit.basis


def _limits(rows: Sequence["NetworkRow"]) -> Sequence["Headroom"]:
    """The limits, which are the same in each row that has any."""
    return next((row.headroom for row in rows if row.headroom), ())


def _notes(rows: Sequence["NetworkRow"]) -> list[str]:
    """What the figures mean and what they leave out."""
    from dssd_tf.challenge.headroom import INT8_RULE

    notes = [
        "MACs: multiply-adds by the torchinfo rule, one clip.",
        f"bytes: at int8, estimated (~) as {INT8_RULE}.",
    ]
    limits = _limits(rows)
    if limits:
        notes.append("YEAR LIMIT: percent of that edition's limit that is left, negative if over.")
    unjudged = [limit for limit in limits if limit.basis == "not judged"]
    for limit in unjudged:
        notes.append(
            f"{limit.edition} {limit.name} ({limit.limit:,} {limit.unit} by {limit.counter}): "
            f"not judged here, it counts the {limit.model} model's file."
        )
    unverified = [f"{limit.edition} {limit.name}" for limit in limits if limit.unverified]
    if unverified:
        notes.append(f"Limits from memory, unverified: {', '.join(unverified)}.")
    notes.append("`dssd complexity RUN --edition YEAR` counts the converted file exactly.")
    return notes


def _count(value: int | None, mark: str = "") -> str:
    return "-" if value is None else f"{mark}{value:,}"


def _percent(limit: "Headroom") -> str:
    mark = "~" if limit.basis == "estimate" else ""
    return "-" if limit.headroom_percent is None else f"{mark}{limit.headroom_percent:.1f}"
