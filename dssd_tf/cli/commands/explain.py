"""`dssd explain`: what moved the decision on a recording."""

import argparse
import json
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import add_recipe_options, read_recipe, subparser

_EPILOG = """\
examples:
  dssd explain demo/run recording.wav
  dssd explain presets/dsmn_s recording.wav --at 3 --output why.png
  dssd explain demo/run recording.wav --class tram --patches 4x16 --json
  dssd explain demo/run recording.wav --keep && dssd report demo/run

Shows the log-mel of a clip with its low and high half, and what happens to the probability of a
class when a part of the clip is blank: a patch after the other (occlusion: Zeiler & Fergus 2014),
then each half. Above 0, the part speaks for the class. A sound that fills many patches is not
missed in any single one. RUN, PRESET and MODEL are as in `dssd predict`; of a folder the int8 model
is used where there is one.

Prints three lines, TAB-separated: the class and each half, a value, and what the value is.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "explain", "show which part of a recording moved the decision", _EPILOG
    )
    parser.add_argument(
        "target",
        type=Path,
        metavar="RUN|PRESET|MODEL",
        help="folder of a run or of a preset, or a .keras or .tflite file",
    )
    parser.add_argument("file", type=Path, metavar="FILE.wav", help="the recording")
    parser.add_argument(
        "--at", type=float, default=0.0, metavar="SECONDS", help="start of the clip"
    )
    parser.add_argument("--class", dest="label", metavar="NAME", help="default: the most probable")
    parser.add_argument(
        "--patches",
        type=_patches,
        default=(8, 8),
        metavar="TxF",
        help="parts in time and frequency (default: 8x8)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE.png",
        help="default: FILE_explained.png, here; with --keep none",
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="put it into the run's folder, with the sound, for `dssd report`",
    )
    parser.add_argument("--json", action="store_true", help="print all effects as JSON")
    parser.add_argument("--float", action="store_true", help="use the folder's float model")
    parser.add_argument("--recipe", type=Path, help="recipe of a model file")
    add_recipe_options(parser, makes_network=False)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write the picture and print the effects of the halves."""
    from dssd_tf.files import write_bytes
    from dssd_tf.pipeline.explaining import explain_file
    from dssd_tf.pipeline.kept_explanations import keep_explanation
    from dssd_tf.pipeline.predicting import target_classifier
    from dssd_tf.pipeline.run_folder import RunFolder
    from dssd_tf.progress import say

    recipe = read_recipe(options.recipe, options) if options.recipe else None
    run = RunFolder.existing(options.target) if options.keep else None
    classifier = target_classifier(options.target, use_float=options.float, recipe=recipe)
    found = explain_file(
        classifier, options.file, at=options.at, label=options.label, patches=options.patches
    )
    if run is None or options.output is not None:
        output = options.output or Path(f"{options.file.stem}_explained.png")
        write_bytes(output, found.picture)
        say(f"picture  {output}")
    if run is not None:
        system = "int8" if run.int8_model.is_file() and not options.float else "float"
        keep_explanation(run, classifier, system, options.file, found)
        say(f"kept in {run.explanations}; to see it: dssd report {run.path}")
    occlusion = found.occlusion
    label = classifier.classes[occlusion.label]
    if options.json:
        print(
            json.dumps(
                {
                    "file": str(options.file),
                    "start": found.start,
                    "class": label,
                    "probabilities": dict(
                        zip(classifier.classes, occlusion.probabilities.tolist(), strict=True)
                    ),
                    "effects": occlusion.effects.tolist(),
                    "low_half": occlusion.low,
                    "high_half": occlusion.high,
                }
            )
        )
    else:
        print(f"{label}\t{occlusion.probabilities[occlusion.label]:.4f}\tprobability")
        for half, effect in (("low half", occlusion.low), ("high half", occlusion.high)):
            print(f"{half}\t{effect:+.3f}\tloss of log-probability if blank")
    return 0


def _patches(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdecimal() and int(part) >= 1 for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form TxF, e.g. 8x8")
    return int(parts[0]), int(parts[1])
