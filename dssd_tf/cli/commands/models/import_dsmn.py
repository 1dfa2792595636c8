"""`dssd models import-dsmn`: a preset from the reference's weights."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd models import-dsmn model1.pt presets/dsmn_s --licence "as the authors state it"
  dssd models import-dsmn weights.npz presets/mine --classes cafe,forest,train
  dssd predict presets/dsmn_s recording.wav

FILE is a PyTorch state dict, as .pt or .pth (read by PyTorch, which must be installed) or as .npz
with an array a name. The widths follow from its shapes; the features are DSMN's, on clips of 1 s.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "import-dsmn", "make a preset from weights of the DSMN reference", _EPILOG
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=".npz, .pt or .pth")
    parser.add_argument("out", type=Path, metavar="OUT", help="the preset's folder")
    parser.add_argument(
        "--classes",
        metavar="NAME,...",
        help="classes in the order of the outputs, three outputs more being indoor, outdoor, "
        "transportation (default: the ten TAU scenes and, of 13 outputs, those three)",
    )
    parser.add_argument("--licence", metavar="TEXT", help="licence of the weights")
    parser.add_argument("--source", metavar="TEXT", help="attribution (default: the report)")
    parser.add_argument("--overwrite", action="store_true", help="replace a preset")
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Import the weights."""
    from dssd_tf.presets import import_dsmn
    from dssd_tf.progress import say

    classes = None
    if options.classes is not None:
        classes = [name.strip() for name in options.classes.split(",")]
    config = import_dsmn(
        options.file,
        options.out,
        classes=classes,
        licence=options.licence,
        source=options.source,
        overwrite=options.overwrite,
    )
    say(f"{options.out}: {config.network or 'DSMN'}, {config.metrics['parameters']:,} parameters")
    return 0
