"""`dssd budget`: networks that fit an edition's limits."""

import argparse
import csv
import json
import sys
from typing import TYPE_CHECKING, Any

from dssd_tf.cli.options import input_shape, subparser

if TYPE_CHECKING:
    from dssd_tf.challenge.budget_row import BudgetRow, BudgetSearch

_EPILOG = """\
examples:
  dssd budget --model dssdn_small --edition 2024
  dssd budget --model dssdn --edition 2024              all three variants
  dssd budget --model dssdn_small --edition 2024 --room 0   up to the limit by the estimate
  dssd budget --model dsmn --edition 2022 --pattern SFFFF SSFFF --widths 16,24,32,48,64
  dssd budget --model dssdn_large --edition 2024 --input 44,128,1 --classes 13 --csv

The first line is the network that comes nearest to a limit. Build one by its pattern and widths:
  model: {name: dssdn_small, options: {pattern: SFFFF, widths: [24, 32, 64, 64, 64]}}

Exit code: 0 with networks listed, 3 when nothing fits, 2 on an error.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers,
        "budget",
        "list widths and patterns that fit an edition's limits, by closed forms",
        _EPILOG,
    )
    parser.add_argument(
        "--model",
        required=True,
        metavar="NAME",
        help="dsmn, dssdn, or a network of theirs, e.g. dssdn_small",
    )
    parser.add_argument("--edition", required=True, metavar="YEAR", help="whose limits to keep")
    parser.add_argument(
        "--pattern",
        nargs="+",
        metavar="LETTERS",
        help="patterns to try, e.g. SFFFF (S: block with the split, F: without); default: all",
    )
    parser.add_argument(
        "--widths",
        type=_widths,
        metavar="W,W,...",
        help="widths to choose from, e.g. 16,24,32; they never shrink from block to block; "
        "default: multiples of 8 up to 128",
    )
    parser.add_argument(
        "--input",
        type=input_shape,
        metavar="T,F,C",
        help="input (time, frequency, channels) instead of the network's own, e.g. 431,256,1",
    )
    parser.add_argument(
        "--classes", type=int, metavar="N", help="outputs instead of the network's own"
    )
    parser.add_argument(
        "--most", type=int, default=20, metavar="N", help="lines to print (default: 20)"
    )
    parser.add_argument(
        "--room",
        type=float,
        default=20.0,
        metavar="PERCENT",
        help="leave so much of each estimated limit free, since the int8 file is mostly larger "
        "than its estimate; default: 20",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print everything as JSON")
    form.add_argument("--csv", action="store_true", help="print the table as CSV")
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Search and print."""
    from dssd_tf.challenge import load_edition
    from dssd_tf.challenge.budget_search import search_budget

    search = search_budget(
        options.model,
        load_edition(options.edition),
        patterns=options.pattern,
        widths=options.widths,
        input_shape=options.input,
        classes=options.classes,
        most=options.most,
        room=options.room,
    )
    if options.json:
        value = {"notes": _notes(search), **search.to_dict()}
        print(json.dumps(value, indent=2, allow_nan=False))
    elif options.csv:
        _print_csv(search)
    else:
        _print(search)
    return 0


def _widths(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not of the form width,width,..., e.g. 16,24,32"
        ) from None


def _print_csv(search: "BudgetSearch") -> None:
    plain = ("model", "pattern", "widths", "parameters", "int8_bytes", "macs", "macs_torchinfo")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*plain, *(f"{use.name}_percent" for use in search.rows[0].uses)])
    for row in search.rows:
        figures = [_joined(row) if name == "widths" else getattr(row, name) for name in plain]
        writer.writerow([*figures, *(use.percent for use in row.uses)])


def _print(search: "BudgetSearch") -> None:
    from dssd_tf.cli.text_table import Column, print_table

    rows = search.rows
    columns = [
        Column("pattern", [row.pattern for row in rows]),
        Column("widths", [_joined(row) for row in rows]),
        Column("parameters", [f"{row.parameters:,}" for row in rows], number=True),
        Column("bytes", [f"~{row.int8_bytes:,}" for row in rows], number=True),
        Column("MACs", [_macs(row) for row in rows], number=True),
    ]
    for index, use in enumerate(rows[0].uses):
        mark = "~" if use.basis == "estimate" else ""
        # Rounded down, so that only a full limit reads as one: what is listed is never over.
        cells = [f"{mark}{int(row.uses[index].percent * 100) / 100:.2f}" for row in rows]
        columns.append(Column(f"{use.name} %", cells, number=True))
    if len({row.model for row in rows}) > 1:
        columns.insert(0, Column("model", [row.model for row in rows]))
    print_table(columns)
    print()
    for note in _notes(search):
        print(note)


def _joined(row: "BudgetRow") -> str:
    return ",".join(map(str, row.widths))


def _macs(row: "BudgetRow") -> str:
    """As the edition counts them."""
    for use in row.uses:
        if use.unit == "macs":
            return f"{'~' if use.basis == 'estimate' else ''}{use.measured:,}"
    return f"{row.macs_torchinfo:,}"


def _notes(search: "BudgetSearch") -> list[str]:
    """What the figures mean and what they leave out."""
    from dssd_tf.challenge.headroom import INT8_RULE

    time, frequency, channels = search.input_shape
    notes = [
        f"{search.fitting:,} of {search.tried:,} networks fit the {search.edition} limits at input "
        f"({time}, {frequency}, {channels}) with {search.classes} classes; "
        f"{len(search.rows):,} are listed, the fullest first.",
        f"bytes: at int8, estimated (~) as {INT8_RULE}: see --room.",
    ]
    uses = search.rows[0].uses
    for use in uses:
        if use.unit != "macs":
            continue
        if use.basis == "exact":
            notes.append("MACs: multiply-adds as the edition counts the float model, exact.")
        else:
            notes.append(
                "MACs: the edition counts the int8 file; estimated (~) as the float model's "
                "multiply-adds, one for each normalized value included."
            )
    limits = ", ".join(f"{use.name} {use.limit:,} {use.unit}" for use in uses)
    notes.append(f"%: used of the limits {limits}.")
    if search.skipped:
        notes.append(f"The input does not take the patterns {', '.join(search.skipped)}.")
    notes.append("`dssd complexity RUN --edition YEAR` counts the converted file exactly.")
    return notes
