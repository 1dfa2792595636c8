"""`dssd compare`: two runs on the same clips, and whether their difference may be chance."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dssd_tf.cli.options import subparser
from dssd_tf.systems import SYSTEMS

if TYPE_CHECKING:
    from dssd_tf.evaluation.comparison import Comparison, Difference, Part

_EPILOG = """\
examples:
  dssd compare runs/baseline runs/mine
  dssd compare runs/mine runs/mine --system float,int8
  dssd compare runs/baseline runs/mine --json > comparison.json

Both runs must have been evaluated on the same test clips. Clips of one recording are alike, so
intervals come from resampled recordings (bootstrap, the same for both systems) and the p-value
from swapping the systems on whole recordings (permutation test). They tell how the difference
varies with the recordings; how it varies with another training takes runs of other seeds.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers,
        "compare",
        "compare two runs on the same test clips, with intervals and a p-value",
        _EPILOG,
    )
    parser.add_argument("run_a", type=Path, metavar="RUN_A", help="folder of the run to start from")
    parser.add_argument(
        "run_b", type=Path, metavar="RUN_B", help="folder of the run whose gain over RUN_A is told"
    )
    parser.add_argument(
        "--system",
        type=_systems,
        default=(None, None),
        metavar="SYSTEM[,SYSTEM]",
        help=f"of both, or of A and of B: {', '.join(SYSTEMS)} (default: the deployed one of each)",
    )
    parser.add_argument(
        "--resamples",
        type=_resamples,
        default=10_000,
        metavar="N",
        help="of recordings, and random permutations (default: %(default)s)",
    )
    parser.add_argument("--seed", type=_whole, default=0, metavar="N", help="(default: 0)")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Compare and print."""
    from dataclasses import asdict

    from dssd_tf.pipeline import RunFolder
    from dssd_tf.pipeline.comparing import compare_runs

    runs = RunFolder.existing(options.run_a), RunFolder.existing(options.run_b)
    systems, found = compare_runs(
        *runs, systems=options.system, resamples=options.resamples, seed=options.seed
    )
    sides = {
        side: {"run": str(run.path), "system": system}
        for side, run, system in zip("ab", runs, systems, strict=True)
    }
    if options.json:
        print(json.dumps({**sides, **asdict(found)}, indent=2, ensure_ascii=False))
        return 0
    for side, names in sides.items():
        print(f"{side.upper()}: {names['run']} ({names['system']})")
    _print(found)
    return 0


def _print(found: "Comparison") -> None:
    from dssd_tf.cli.text_table import Column, print_table

    print(f"{found.samples:,} clips of {found.recordings:,} recordings\n")
    totals = {"macro accuracy": found.macro_accuracy, "log loss": found.log_loss}
    print_table(
        [
            Column("", list(totals)),
            *_figures(list(totals.values())),
            Column(f"{100 * found.level:g} % interval", [_interval(d) for d in totals.values()]),
        ]
    )
    right = found.recognised
    print(f"\n{_verdict(found)}")
    print(
        f"Clips that both recognise {right.both:,}, only A {right.only_a:,}, "
        f"only B {right.only_b:,}, neither {right.neither:,}."
    )
    for heading, parts in (("class", found.class_wise), ("device", found.device_wise)):
        print()
        print_table(_part_columns(heading, parts))


def _verdict(found: "Comparison") -> str:
    if found.recordings < 2:
        return "There is one recording only, which tells nothing of others: no interval, no test."
    test, includes = found.permutation_test, found.macro_accuracy.includes_zero
    if test.permutations == 1:
        return "On no recording do the systems differ in accuracy; p = 1."
    kind = f"{test.permutations:,} random swaps of whole recordings"
    if test.exact:
        kind = f"exact: all {test.permutations:,} swaps of the recordings that differ"
    return (
        f"The interval of the accuracy's difference {'includes' if includes else 'excludes'} 0; "
        f"p = {test.p_value:.2g} ({kind})."
    )


def _part_columns(heading: str, parts: "dict[str, Part]") -> list[Any]:
    """Accuracies, and the difference in log loss."""
    from dssd_tf.cli.text_table import Column

    rows = list(parts.values())
    losses = [f"{part.log_loss.difference:+.3f}" for part in rows]
    return [
        Column(heading, list(parts)),
        Column("clips", [f"{part.samples:,}" for part in rows], number=True),
        *_figures([part.accuracy for part in rows]),
        Column("log loss B - A", losses, number=True),
    ]


def _figures(rows: "list[Difference]") -> list[Any]:
    from dssd_tf.cli.text_table import Column

    return [
        Column("A", [f"{row.a:.3f}" for row in rows], number=True),
        Column("B", [f"{row.b:.3f}" for row in rows], number=True),
        Column("B - A", [f"{row.difference:+.3f}" for row in rows], number=True),
    ]


def _interval(row: "Difference") -> str:
    return "-" if row.interval is None else "[{:+.3f}, {:+.3f}]".format(*row.interval)


def _systems(text: str) -> tuple[str, str]:
    names = text.split(",")
    stray = [name for name in names if name not in SYSTEMS]
    if stray or len(names) > 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not one or two of {', '.join(SYSTEMS)}")
    return names[0], names[-1]


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


def _resamples(text: str) -> int:
    if not text.isdecimal() or int(text) < 99:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number of 99 or more: fewer make no interval"
        )
    return int(text)
