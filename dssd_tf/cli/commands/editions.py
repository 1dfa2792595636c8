"""`dssd editions`: the rules of the years."""

import argparse
import json
from typing import Any

from dssd_tf.cli.options import subparser

_UNITS = {"bytes": "B", "parameters": "parameters", "macs": "MACs"}

_EPILOG = """\
examples:
  dssd editions              one line a year
  dssd editions 2024         every fact of that year with its source
  dssd editions 2024 --json

A source is `code` (the organisers' code, templates or validators), `page` (the challenge's pages),
`participant` (a participant's copy of the organisers' files) or `memory`. The last two are marked
unverified: read the challenge's own pages before you rely on them.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(subparsers, "editions", "print the challenge's rules by year", _EPILOG)
    parser.add_argument("year", type=int, nargs="?", metavar="YEAR")
    parser.add_argument("--json", action="store_true", help="print as JSON")
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print all years, or one in full."""
    from dssd_tf.challenge import list_editions, load_edition

    if options.year is None:
        _print_all([load_edition(year) for year in list_editions()], options.json)
    else:
        _print_one(load_edition(options.year), options.json)
    return 0


def _print_one(edition: Any, as_json: bool) -> None:
    from dssd_tf.challenge.fact_list import list_facts
    from dssd_tf.cli.text_table import Column, print_table

    facts = list_facts(edition)
    if as_json:
        found = {"year": edition.year, "title": edition.title}
        print(json.dumps({**found, "facts": [fact.to_dict() for fact in facts]}, indent=2))
        return
    print(f"{edition.title}\n")
    print_table(
        [
            Column("fact", [fact.name for fact in facts]),
            Column("source", [_source(fact) for fact in facts]),
            Column("value", [fact.value for fact in facts], folds=True),
        ]
    )


def _source(fact: Any) -> str:
    return f"{fact.source}, unverified" if fact.unverified else fact.source


def _print_all(editions: list[Any], as_json: bool) -> None:
    from dssd_tf.cli.text_table import Column, print_table

    if as_json:
        rows = [{"year": edition.year, "title": edition.title} for edition in editions]
        print(json.dumps(rows, indent=2))
        return
    print_table(
        [
            Column("year", [str(edition.year) for edition in editions]),
            Column("clip", [f"{edition.clip_seconds.value:g} s" for edition in editions]),
            Column("limits", [_limits(edition) for edition in editions]),
            Column("systems", [str(edition.systems.value) for edition in editions], number=True),
            Column("rows", [f"{edition.rows.value:,}" for edition in editions], number=True),
            Column("ranking", [str(edition.ranking) for edition in editions]),
            Column("beside", [_beside(edition) for edition in editions], folds=True),
        ]
    )


def _limits(edition: Any) -> str:
    parts = [f"{limit.value:,} {_UNITS[limit.unit]}" for limit in edition.limits]
    return ", ".join(parts)


def _beside(edition: Any) -> str:
    parts = []
    if edition.weights is not None:
        parts.append(f"all weights {edition.weights.value}")
    if edition.splits.value:
        parts.append(f"splits {', '.join(map(str, edition.splits.value))} %")
    if edition.device_models:
        parts.append("models of devices, inference package")
    if edition.training_split is not None:
        parts.append(f"training on split {edition.training_split.value} %")
    if "energy_consumption" in edition.meta.keys.value["system"]:
        parts.append("energy in kWh")
    return "; ".join(parts)
