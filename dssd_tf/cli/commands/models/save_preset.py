"""`dssd models save-preset`: a preset from a run."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd models save-preset demo/run presets/demo --licence MIT
  dssd predict presets/demo recording.wav

OUT holds the models, the features, the classes and the measured figures of the run: what it takes
to classify recordings without the recipe and the data.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(subparsers, "save-preset", "make a preset from a finished run", _EPILOG)
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("out", type=Path, metavar="OUT", help="the preset's folder")
    parser.add_argument("--licence", metavar="TEXT", help="licence of the weights")
    parser.add_argument("--source", metavar="TEXT", help="attribution (default: the recipe)")
    parser.add_argument("--overwrite", action="store_true", help="replace a preset")
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Write the preset."""
    from dssd_tf.pipeline import RunFolder
    from dssd_tf.pipeline.run_preset import preset_from_run
    from dssd_tf.progress import say

    run = RunFolder.existing(options.run)
    config = preset_from_run(
        run,
        options.out,
        licence=options.licence,
        source=options.source,
        overwrite=options.overwrite,
    )
    say(f"{options.out}: {config.network}, {len(config.classes)} classes")
    return 0
