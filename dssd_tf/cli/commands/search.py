"""`dssd search`: settings looked for by Optuna."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import add_recipe_options, count, number_list, subparser

_EPILOG = """\
examples:
  dssd search RECIPE --space space.yaml --trials 50 --out runs/search --data DIR
  dssd search RECIPE --space space.yaml --trials 100 --folds 1,2,3 --out runs/search --data DIR
  dssd sweep RECIPE --variants runs/search/best.yaml --folds 1,2,3 --seeds 2 --out runs/best

The space maps settings to a list of values or to a range:
  model.name: [residual_dssdn_f, residual_dssdn_small]
  training.optimizer.learning_rate: {low: 1.0e-4, high: 1.0e-2, log: true}
  features.n_mels: {low: 40, high: 128, step: 8}

A trial is trained and judged by the recipe's validation clips, never by test clips. The limits of
the recipe's edition are hard: a network over one is not trained. A search that was stopped goes on
by the same command. Needs: pip install 'dssd_tf[search]'
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "search", "look for better settings of a recipe, within its limits", _EPILOG
    )
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="recipe (YAML)")
    add_recipe_options(parser)
    parser.add_argument(
        "--space", type=Path, required=True, metavar="FILE", help="what may be tried (YAML)"
    )
    parser.add_argument(
        "--trials", type=count, default=50, metavar="N", help="in all (default: 50)"
    )
    parser.add_argument("--folds", type=number_list, default=[1], metavar="N,N", help="default: 1")
    parser.add_argument(
        "--objective",
        choices=("val_loss", "val_accuracy"),
        default="val_loss",
        help="of the best epoch (default: val_loss)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder of the trials"
    )
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Search."""
    from dssd_tf.pipeline.search import Search, read_space, run_search
    from dssd_tf.progress import say

    search = Search(
        options.recipe,
        read_space(options.space),
        options.out,
        options.data,
        options.set,
        options.folds,
        options.objective,
        options.seed,
    )
    run_search(search, options.trials)
    say(f"trials   {options.out / 'trials.csv'}")
    say(f"best     {options.out / 'best.yaml'}")
    return 0
