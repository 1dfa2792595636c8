"""`dssd evaluate`: predictions and metrics."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import (
    add_recipe_options,
    is_model_file,
    open_given,
    refuse_for_run,
    subparser,
)
from dssd_tf.cli.stage_command import run_stage
from dssd_tf.errors import RunError

_EPILOG = """\
examples:
  dssd evaluate demo/run
  dssd evaluate runs/mine --eval DIR
  dssd evaluate model_int8.tflite --recipe RECIPE --data DIR --output metrics.json

--eval DIR runs the deployed model over an unlabelled evaluation set (audio/N.wav, with its
evaluation_setup/fold1_test.csv if it has one) and writes predictions_evaluation.csv, which
`dssd package` takes; a command that was stopped goes on where it was.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "evaluate", "score a run's models, or a model file, on the test clips", _EPILOG
    )
    parser.add_argument(
        "target",
        type=Path,
        metavar="RUN|MODEL",
        help="folder of a run, or a .keras or .tflite file with its --recipe",
    )
    parser.add_argument("--recipe", type=Path, help="recipe of a given model file")
    parser.add_argument("--output", type=Path, metavar="FILE", help="metrics of a model file, JSON")
    parser.add_argument(
        "--eval", type=Path, metavar="DIR", help="evaluation set to predict, instead of scoring"
    )
    add_recipe_options(parser, makes_network=False)
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Evaluate."""
    if not is_model_file(options.target):
        refuse_for_run(options)
        if options.eval:
            return _predict(options)
        run_stage(options.target, "evaluate")
        return 0
    if options.eval:
        raise RunError(
            "--eval is for a run's folder, but the target is a model file",
            path=options.target,
            fix="give the run, or classify files by `dssd predict`",
        )
    from dssd_tf.evaluation import open_predictor
    from dssd_tf.files import write_json
    from dssd_tf.pipeline.stages.evaluate import score_systems
    from dssd_tf.progress import say
    from dssd_tf.systems import system_of

    system = system_of(options.target)
    predictor = open_predictor(options.target)
    _, metrics = score_systems({system: predictor}, open_given(options))
    result = metrics["systems"][system]
    say(f"macro accuracy {result['macro_accuracy']:.3f}, log loss {result['log_loss']:.3f}")
    if options.output:
        write_json(options.output, metrics)
    return 0


def _predict(options: argparse.Namespace) -> int:
    from dssd_tf.pipeline import RunFolder
    from dssd_tf.pipeline.evaluation_set import predict_evaluation_set
    from dssd_tf.progress import say

    run = RunFolder.existing(options.target)
    say(f"{run.evaluation_predictions}: {predict_evaluation_set(run, options.eval)}")
    return 0
