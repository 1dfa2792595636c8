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

_EPILOG = """\
examples:
  dssd evaluate demo/run
  dssd evaluate model_int8.tflite --recipe RECIPE --data DIR --output metrics.json
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "evaluate", "score a run's models, or a model file, on the test clips", _EPILOG
    )
    parser.add_argument("target", type=Path, metavar="RUN|MODEL")
    parser.add_argument("--recipe", type=Path, help="recipe of a given model file")
    parser.add_argument("--output", type=Path, metavar="FILE", help="metrics of a model file, JSON")
    add_recipe_options(parser)
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Evaluate."""
    if not is_model_file(options.target):
        refuse_for_run(options)
        run_stage(options.target, "evaluate")
        return 0
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
