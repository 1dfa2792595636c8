"""`dssd quantize`: the model that is deployed."""

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

_METHODS = ("float16", "ptq", "qat")

_EPILOG = """\
examples:
  dssd quantize demo/run
  dssd quantize demo/run --method qat --set quantization.fine_tuning.epochs=5
  dssd quantize model.keras --recipe RECIPE --data DIR --output model_int8.tflite

ptq   int8 by calibration, in seconds
qat   int8 fine-tuned with the rounding simulated; goes on where it was interrupted
float16   weights of 16 bits, computed in float
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(subparsers, "quantize", "quantize a run's model, or a .keras file", _EPILOG)
    parser.add_argument("target", type=Path, metavar="RUN|MODEL.keras")
    parser.add_argument(
        "--method", choices=_METHODS, help="how (default: quantization.method of the recipe)"
    )
    parser.add_argument("--recipe", type=Path, help="recipe of a given model file")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="result for a model file (default: beside it)"
    )
    add_recipe_options(parser, makes_network=False)
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Quantize."""
    if is_model_file(options.target):
        _quantize_file(options)
    else:
        _quantize_run(options)
    return 0


def _quantize_run(options: argparse.Namespace) -> None:
    from dssd_tf.pipeline import RunFolder, Workspace, execute
    from dssd_tf.recipe import load_recipe

    overrides = [text for text in options.set if text.startswith("quantization.")]
    # Other settings of a run are its own.
    options.set = [text for text in options.set if text not in overrides]
    refuse_for_run(options)
    run = RunFolder.existing(options.target)
    recipe = load_recipe(run.recipe_file, [*overrides, *_method(options)])
    workspace = Workspace(recipe, run.path.parent / "feature_cache")
    execute(run, workspace, ["quantize"], skip_finished=False)


def _quantize_file(options: argparse.Namespace) -> None:
    from dssd_tf.errors import RecipeError
    from dssd_tf.models import load_model
    from dssd_tf.pipeline.quantizing import QuantizedFiles, quantize_to
    from dssd_tf.progress import say

    model = load_model(options.target)
    options.set = [*options.set, *_method(options)]
    workspace = open_given(options)
    method = workspace.recipe.quantization.method
    if method == "none":
        raise RecipeError(
            "quantization.method is none", path=options.recipe, fix="give --method ptq or qat"
        )
    stem = options.target.stem
    kind = "float16" if method == "float16" else "int8"
    target = options.output or options.target.with_name(f"{stem}_{kind}.tflite")
    beside = target.with_name(f"{target.stem}_qat")
    files = QuantizedFiles(target, beside, beside / "twin", beside / "history_qat.csv")
    notes = quantize_to(model, workspace, files)
    say(f"{target}: {notes['bytes']:,} bytes, {method}")


def _method(options: argparse.Namespace) -> list[str]:
    return [f"quantization.method={options.method}"] if options.method else []
