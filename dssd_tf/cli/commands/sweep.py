"""`dssd sweep`: many runs of a recipe."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import add_recipe_options, count, number_list, subparser

_EPILOG = """\
examples:
  dssd sweep RECIPE --data DIR --grid model.name=dsmn_s,baseline_2024 --seeds 3 --out runs/sweep
  dssd sweep RECIPE --grid features.n_mels=64,128 training.epochs=9,60 --folds 1,2 --out runs/bands
  dssd sweep RECIPE --variants a.yaml b.yaml --against base --processes 2 --out runs/parts

A grid runs all combinations of its values. A file of variants names settings that are laid over
the recipe, `name: {dotted.key: value, ...}`, such as one change at a time; with both, each variant
has every row of the grid. In texts of either, {fold}, {seed} and {out}, the folder of --out, are
filled in, so that a second sweep can name the first one's runs as teachers of the same fold:
`student: {distillation.teachers: ["{out}/cp_resnet/fold{fold}_seed0"]}`.

Each run is a folder, CONFIGURATION/foldN_seedN; it does the stages up to the limits, no package and
no report. What is finished is not run again: a sweep that was stopped, or has failed runs, goes on
by the same command, and --collect writes the tables of what it has so far.

Written are the results, a row a run and system, and beside them NAME_summary.csv: means and spreads
over folds and seeds, and 95 % intervals by whole recordings; with --against also the differences
from one configuration, paired by fold, seed and recording. `dssd table` prints them as markdown.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(subparsers, "sweep", "run a recipe with settings changed", _EPILOG)
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="recipe (YAML)")
    add_recipe_options(parser)
    parser.add_argument(
        "--grid",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=V,V",
        help="values to combine",
    )
    parser.add_argument(
        "--variants",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="named settings (YAML)",
    )
    parser.add_argument(
        "--folds", type=number_list, default=None, metavar="N,N", help="default: the recipe's fold"
    )
    parser.add_argument("--seeds", type=count, default=1, metavar="N", help="seeds 0 … N-1")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the runs")
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="the results (default: results.csv in --out)"
    )
    parser.add_argument("--processes", type=count, default=1, metavar="N", help="runs at a time")
    parser.add_argument(
        "--against",
        metavar="NAME",
        help="configuration from which the summary tells the others' differences; of a --grid it "
        "is named KEY=VALUE, such as name=dsmn_s",
    )
    parser.add_argument(
        "--latency", action="store_true", help="time the quantized models at the end, one by one"
    )
    parser.add_argument(
        "--collect", action="store_true", help="run nothing: write the tables of what is finished"
    )
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Run what is missing and write the tables."""
    from dssd_tf.cli.options import read_recipe
    from dssd_tf.errors import RecipeError
    from dssd_tf.pipeline.sweep import Sweep, collect, run_sweep, sweep_points, write_summary
    from dssd_tf.pipeline.sweep.points import parse_grid, read_variants
    from dssd_tf.progress import say

    recipe = read_recipe(options.recipe, options)
    if not options.grid and not options.variants and not options.folds and options.seeds == 1:
        raise RecipeError(
            "the sweep would be a single run",
            fix="give --grid, --variants, --folds or --seeds, or use `dssd run`",
        )
    points = sweep_points(
        parse_grid(options.grid),
        read_variants(options.variants),
        options.folds or [recipe.data.fold],
        range(options.seeds),
    )
    csv = options.csv or options.out / "results.csv"
    sweep = Sweep(options.recipe, points, options.out, csv, options.data, options.set)
    names = list(dict.fromkeys(point.configuration for point in points))
    if options.against is not None and options.against not in names:
        raise RecipeError(
            f"--against {options.against!r} is no configuration of the sweep",
            fix=f"choose among {', '.join(names)}",
        )
    results = collect(sweep) if options.collect else run_sweep(sweep, options.processes)
    say(f"results  {csv}")
    summary = write_summary(sweep, results, against=options.against, latency=options.latency)
    say(f"summary  {summary}")
    return 0
