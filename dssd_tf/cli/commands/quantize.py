"""`dssd quantize`: the int8 model."""

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
  dssd quantize demo/run
  dssd quantize model.keras --recipe RECIPE --data DIR --output model_int8.tflite
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "quantize", "quantize a run's model, or a .keras file, to full int8", _EPILOG
    )
    parser.add_argument("target", type=Path, metavar="RUN|MODEL.keras")
    parser.add_argument("--recipe", type=Path, help="recipe of a given model file")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="result for a model file (default: beside it)"
    )
    add_recipe_options(parser)
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Quantize."""
    if not is_model_file(options.target):
        refuse_for_run(options)
        run_stage(options.target, "quantize")
        return 0
    from dssd_tf.files import write_bytes
    from dssd_tf.models import load_model
    from dssd_tf.pipeline.stages.quantize import calibration_features
    from dssd_tf.progress import say
    from dssd_tf.quantization.ptq import quantize_ptq

    model = load_model(options.target)
    content = quantize_ptq(model, calibration_features(open_given(options)))
    target = options.output or options.target.with_name(f"{options.target.stem}_int8.tflite")
    write_bytes(target, content)
    say(f"{target}: {len(content):,} bytes")
    return 0
