"""`dssd run`: the whole road."""

import argparse
import sys
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import (
    add_recipe_options,
    read_recipe,
    refuse_faulty_recipe,
    subparser,
)

_EPILOG = """\
examples:
  dssd run recipes/demo/demo.yaml --data demo/data --out demo/run
  dssd run recipes/esc10/dsmn_s.yaml --data DIR --set data.fold=2 --set training.epochs=5
  dssd run runs/mine                                       go on after a kill, or Ctrl-C
  dssd run RECIPE --data DIR --out runs/mine --resume      the same, or begin
  dssd run RECIPE --data DIR --devices mirrored            train on all GPUs

The folder then holds recipe.yaml, environment.json, history.csv, model.keras,
model_int8.tflite, predictions.csv, metrics.json, complexity.json, submission/*.zip
and report.html. The exit code is 3 when the model is over a limit of the edition.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers,
        "run",
        "go the whole road: features, training, int8, evaluation, limits, package, report",
        _EPILOG,
    )
    add_run_options(parser)
    parser.add_argument(
        "--stages", metavar="NAME,…", help="do these only, in their order (default: all)"
    )
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that starts or goes on with a run."""
    parser.add_argument(
        "recipe",
        type=Path,
        metavar="RECIPE|RUN",
        help="recipe (YAML); or a run's folder, to go on with it",
    )
    add_recipe_options(parser)
    parser.set_defaults(before_tensorflow=_open)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="the run's folder (default: runs/NAME)"
    )
    parser.add_argument(
        "--devices",
        metavar="NAME",
        help="what to train on (training.devices): auto, cpu, one_gpu, mirrored (all GPUs of this "
        "machine) or multi_worker (all machines of TF_CONFIG)",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--resume", action="store_true", help="go on with the run in --out, if there is one"
    )
    group.add_argument("--overwrite", action="store_true", help="remove the run in --out first")


def handle(options: argparse.Namespace) -> int:
    """Run every stage."""
    from dssd_tf.files import read_json
    from dssd_tf.progress import say

    run = go(options, _stages(options.stages))
    if run is None:
        return 0
    if run.report.is_file():
        say(f"report      {run.report}")
    if run.int8_model.is_file():
        say(f"model       {run.int8_model}")
    for package in sorted(run.submission.glob("*.zip")):
        say(f"submission  {package}")
    if not run.complexity.is_file():
        return 0
    return 3 if read_json(run.complexity)["passed"] is False else 0


def _stages(text: str | None) -> list[str] | None:
    """The named stages.

    Raises:
        RunError: A name is no stage.
    """
    from dssd_tf.errors import RunError
    from dssd_tf.pipeline.runner import STAGES

    if text is None:
        return None
    known = [stage.name for stage in STAGES]
    names = text.split(",")
    for name in names:
        if name not in known:
            raise RunError(f"unknown stage {name!r}", fix=f"choose among {', '.join(known)}")
    return names


def go(options: argparse.Namespace, names: list[str] | None) -> Any:
    """Start or resume the run and execute the named stages (None: all).

    Returns:
        The run; None for a worker that only took part in the training of another machine's run.
    """
    from dssd_tf.pipeline import run_recipe
    from dssd_tf.pipeline.worker import train_as_worker
    from dssd_tf.training.devices import strategy_for, writes_run

    if options.devices is not None:
        options.set.append(f"training.devices={options.devices}")
    recipe = read_recipe(options.recipe, options)
    out = options.out or Path("runs") / recipe.name
    try:
        # First of all: later, TensorFlow can neither hide devices nor join workers.
        strategy_for(recipe.training.devices)
        if not writes_run(recipe.training.devices):
            train_as_worker(recipe, out)
            return None
        return run_recipe(recipe, out, names, resume=options.resume, overwrite=options.overwrite)
    except KeyboardInterrupt:
        begun = (out / "recipe.yaml").is_file()
        how = f"go on with it by `dssd run {out}`" if begun else "nothing was begun"
        print(f"dssd: interrupted; {how}", file=sys.stderr)
        raise SystemExit(130) from None


def _open(options: argparse.Namespace) -> None:
    """See what is to be run before TensorFlow is loaded.

    Raises:
        DssdError: The recipe has faults, or the folder in its place holds no run.
    """
    if options.recipe.is_dir():
        _go_on(options)
    refuse_faulty_recipe(options)


def _go_on(options: argparse.Namespace) -> None:
    """Make of a run's folder its recipe, its place and `--resume`.

    Raises:
        RunError: The folder holds no run, or an option asks for something else.
    """
    from dssd_tf.errors import RunError
    from dssd_tf.pipeline import RunFolder

    run = RunFolder.existing(options.recipe)
    for name in ("out", "overwrite"):
        if getattr(options, name):
            raise RunError(
                f"is a run's folder, which is gone on with in its place: --{name} does not fit",
                path=run.path,
                fix=f"give the recipe, {run.recipe_file}, for a run of its own",
            )
    options.recipe, options.out, options.resume = run.recipe_file, run.path, True
