"""`dssd predict`: scenes of recordings."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd predict demo/run recording.wav other.wav
  dssd predict demo/run --float recording.wav
  dssd predict presets/dsmn_s recording.wav

Prints a TAB-separated line a file: name, most probable class, its probability. RUN|PRESET is the
folder of a run, or one with a preset.json (`dssd models save-preset`). Its int8 model is used
where there is one. Files may be longer than a clip: each whole clip is classified and the
probabilities are averaged.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "predict", "classify recordings with the model of a run or a preset", _EPILOG
    )
    parser.add_argument("target", type=Path, metavar="RUN|PRESET", help="its folder")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE.wav")
    parser.add_argument("--float", action="store_true", help="use the float model")
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Classify each file."""
    from dssd_tf.pipeline.predicting import target_classifier

    classifier = target_classifier(options.target, use_float=options.float)
    for path, label, probability in classifier.predict_files(options.files):
        print(f"{path}\t{label}\t{probability:.4f}", flush=True)
    return 0
