"""`dssd export`: a model as sources; `mcu` writes the bundle for a microcontroller."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import add_recipe_options, count, subparser

_EPILOG = """\
examples:
  dssd export mcu demo/run --out demo/mcu
each action explains itself: dssd export ACTION --help
"""

_MCU_EPILOG = """\
examples:
  dssd export mcu demo/run --out demo/mcu
  dssd export mcu presets/dsmn_s --out mcu --audio street.wav tram.wav
  dssd export mcu model_int8.tflite --recipe RECIPE --out mcu

OUT holds the model as a C array, its settings and operators for TensorFlow Lite Micro, golden
vectors, the features in portable C++, two host programs, a CMake file and a README. With the
extra `mcu` installed (pip install dssd_tf[mcu]) the arena is measured exactly.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command and its one action."""
    outer = subparser(
        subparsers, "export", "write the sources that a device's program is built from", _EPILOG
    )
    inner = outer.add_subparsers(metavar="ACTION", required=True)
    parser = subparser(
        inner, "mcu", "write a folder of C++ sources for TensorFlow Lite Micro", _MCU_EPILOG
    )
    parser.add_argument("target", type=Path, metavar="RUN|PRESET|MODEL.tflite")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder")
    parser.add_argument(
        "--audio",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="recordings whose first clip becomes a golden input each (default: noise and tones)",
    )
    parser.add_argument(
        "--vectors", type=count, default=4, metavar="N", help="golden inputs (default: 4)"
    )
    parser.add_argument("--recipe", type=Path, help="recipe of a given model file")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier bundle")
    add_recipe_options(parser, makes_network=False)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write the bundle and tell what was measured."""
    from dssd_tf.cli.options import read_recipe
    from dssd_tf.errors import RecipeError
    from dssd_tf.pipeline.exporting import export_mcu
    from dssd_tf.progress import say

    if options.recipe is None and (options.set or options.data):
        raise RecipeError(
            "--set and --data change a recipe, but none is given",
            path=options.target,
            fix="give the recipe of a model file by --recipe",
        )
    recipe = None if options.recipe is None else read_recipe(options.recipe, options)
    bundle = export_mcu(
        options.target,
        options.out,
        recipe=recipe,
        audio=options.audio,
        vectors=options.vectors,
        overwrite=options.overwrite,
    )
    golden, measured = bundle["golden"], bundle["arena_measured"]
    arena = f"{bundle['arena_bytes']:,} bytes"
    if measured is None:
        arena = f"not measured ({arena} at most); install the extra `mcu` (tflite-micro) for that"
    say(f"{options.out}: {bundle['model']['bytes']:,} bytes of model, arena {arena}")
    say(f"{golden['count']} golden vectors, outputs of {golden['runtime']}; {_differences(golden)}")
    if bundle["front_end"] is None:
        say("without a front end: that of a lone .tflite file is known from --recipe")
    elif not bundle["front_end"]["sources"]:
        say("without C++ features: n_fft is no power of two")
    return 0


def _differences(golden: dict[str, Any]) -> str:
    return (
        f"LiteRT differs by at most {golden['reference_difference']} steps (reference kernels) "
        f"and {golden['litert_difference']} (fast ones)"
    )
