"""`dssd complexity`: what models cost, against an edition's limits."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dssd_tf.cli.options import input_shape, subparser

if TYPE_CHECKING:
    from dssd_tf.pipeline import RunFolder

_EPILOG = """\
examples:
  dssd complexity demo/run --edition 2022
  dssd complexity model_int8.tflite --layers
  dssd complexity dssdn_small --input 431,256,1 --edition 2024
  dssd complexity runs/a runs/b --edition 2024          (an ensemble: the sum is judged)
  dssd complexity a.keras s1.keras --each --edition 2024    (each is judged alone)

Of one run's folder, what was counted is also kept in its complexity.json, held against the edition
of its recipe, where it is missing or of an older model: `dssd report` shows it.

exit code 0: within the limits, or no edition named; 3: over a limit, or with --strict
something uncounted; 2: an error
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers,
        "complexity",
        "count parameters, MACs, bytes and memory, and check an edition's limits",
        _EPILOG,
    )
    parser.add_argument(
        "targets",
        nargs="+",
        metavar="MODEL",
        help="a run's or preset's folder, a .keras or .tflite file, or a network's name; several "
        "are an ensemble",
    )
    parser.add_argument("--edition", type=int, metavar="YEAR", help="check this year's limits")
    parser.add_argument(
        "--input", type=input_shape, metavar="T,F,C", help="input shape: frames, bands, channels"
    )
    parser.add_argument(
        "--each",
        action="store_true",
        help="judge each model alone, as edition 2025 does the models of several devices",
    )
    parser.add_argument("--layers", action="store_true", help="a row a layer, not a type of layer")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print everything as JSON")
    form.add_argument("--csv", action="store_true", help="print the rows by layer as CSV")
    form.add_argument("--markdown", action="store_true", help="print everything as markdown")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="also write the checks for a CI")
    gate = parser.add_mutually_exclusive_group()
    gate.add_argument(
        "--fail-over", action="store_true", help="exit code 3 over a limit (the default)"
    )
    gate.add_argument("--report-only", action="store_true", help="exit code 0 even then")
    parser.add_argument(
        "--strict", action="store_true", help="exit code 3 if something could not be counted"
    )
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Measure and print."""
    from dssd_tf.challenge.junit import junit
    from dssd_tf.errors import PackageError
    from dssd_tf.files import write_text
    from dssd_tf.pipeline.kept_complexity import keep_complexity
    from dssd_tf.pipeline.measuring import judge, measure_ensemble

    one_by_one = options.each or _one_by_one(options.edition)
    groups = [[target] for target in options.targets] if one_by_one else [options.targets]
    found, kept = [], []
    for group in groups:
        start = time.monotonic()
        systems = measure_ensemble(group, input_shape=options.input)
        edition = options.edition or _own_edition(group)
        counted: dict[str, Any] = {name: c.to_dict() for name, c in systems.items()}
        found.append((" + ".join(group), systems, counted | judge(counted, edition)))
        if len(group) == 1 and options.input is None and (run := _run(group[0])) is not None:
            kept.append((run, counted, time.monotonic() - start))
    if options.junit:
        judged = {name: (r["edition"], r["checks"]) for name, _, r in found if r["edition"]}
        if not judged:
            raise PackageError("--junit needs limits to check", fix="name a year by --edition")
        write_text(options.junit, junit(judged))
    _print(options, found)
    for run, counted, seconds in kept:
        keep_complexity(run, counted, seconds)
    over = any(result["passed"] is False for _, _, result in found)
    left_out = [c for _, systems, _ in found for c in systems.values() if c.uncounted]
    if options.strict and left_out:
        print(f"dssd: uncounted: {', '.join(left_out[0].uncounted)}", file=sys.stderr)
        return 3
    return 3 if over and not options.report_only else 0


def _print(options: argparse.Namespace, found: list[tuple[str, Any, dict[str, Any]]]) -> None:
    from dssd_tf.cli.complexity_text import markdown_page, print_checks, print_systems

    if options.json:
        results = [result for _, _, result in found]
        # A list where several were asked for, or each alone.
        several = options.each or len(results) > 1
        print(json.dumps(results if several else results[0], indent=2))
    elif options.csv:
        _print_csv(found)
    elif options.markdown:
        print("\n\n".join(markdown_page(systems, result) for _, systems, result in found))
    else:
        for _, systems, result in found:
            print_systems(systems, layers=options.layers)
            print_checks(result["edition"], result["checks"])


def _print_csv(found: list[tuple[str, Any, dict[str, Any]]]) -> None:
    import pandas as pd

    from dssd_tf.complexity.tables import by_layer

    rows = [
        {"model": name, "system": system, **row}
        for name, systems, _ in found
        for system, complexity in systems.items()
        for row in by_layer(complexity)
    ]
    print(pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"), end="")


def _one_by_one(year: int | None) -> bool:
    """Whether the edition judges the model of each device alone."""
    from dssd_tf.challenge import load_edition

    rule = None if year is None else load_edition(year).one_by_one
    return rule is not None and rule.value


def _own_edition(group: list[str]) -> int | None:
    """That of the recipe, where all are runs of one edition."""
    runs = [_run(target) for target in group]
    years = {None if run is None else run.recipe().challenge.edition for run in runs}
    return years.pop() if len(years) == 1 else None


def _run(target: str) -> "RunFolder | None":
    from dssd_tf.pipeline import RunFolder

    run = RunFolder(target)
    return run if run.recipe_file.is_file() else None
