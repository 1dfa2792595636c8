"""`dssd bank import`: logits made elsewhere."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.commands.bank.teacher_options import add_origin, add_overwrite
from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd bank import logits.npz --out bank --name big --classes airport,bus,... --fold 1 --data DIR
  dssd bank import logits.npy --names clips.txt --out bank --name big --classes airport,bus,...
  dssd bank import predictions.csv --out bank --name big --classes airport,... --probabilities

FILE is .npz (arrays names and logits), .npy with --names (a text file, one clip a line), .csv or
.tsv (a column filename and one a class, in any order), or .pt (clip → tensor, or names and
logits; PyTorch must be installed). Clips are named as in the data's tables.
With --data the recordings of the training list of --fold or --split are noted, so that leaks are
found; with --fold alone a student of the same fold is trusted; without, nothing can be checked.
"""


def add_parser(subparsers: Any) -> None:
    """Add the action."""
    parser = subparser(subparsers, "import", "store logits made elsewhere as a teacher", _EPILOG)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="BANK", help="its folder")
    parser.add_argument("--name", required=True, help="of the teacher in the bank")
    parser.add_argument(
        "--classes",
        required=True,
        metavar="NAME,...",
        help="in the order of the columns; of a table, its columns that are used",
    )
    parser.add_argument("--names", type=Path, metavar="LIST", help="clips of an .npy file")
    parser.add_argument(
        "--prefix", default="", metavar="TEXT", help="put before each clip's name, e.g. audio/"
    )
    parser.add_argument(
        "--probabilities", action="store_true", help="the values are probabilities, not logits"
    )
    parser.add_argument(
        "--temperature",
        type=float,
        default=1.0,
        metavar="T",
        help="the values were softened by T (default: %(default)s)",
    )
    add_origin(parser, "the teacher")
    parser.add_argument("--data", type=Path, metavar="DIR", help="dataset of that fold or split")
    add_overwrite(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Import the file."""
    from dssd_tf.cli.commands.bank.training_list import read_training_list
    from dssd_tf.errors import DssdError
    from dssd_tf.progress import say, warn
    from dssd_tf.teachers.importing import import_logits

    recordings = None
    if options.data is not None:
        if options.fold is None and options.split is None:
            raise DssdError("--data needs the teacher's fold or split", fix="add --fold N")
        dataset = read_training_list(options.data, options.fold, options.split)
        recordings = set(dataset.train["recording"])
    elif options.fold is None and options.split is None:
        warn(
            f"{options.name}: what it was trained on is not known, so no leak can be found later; "
            "--fold and --data say it"
        )
    record = import_logits(
        options.file,
        options.out,
        options.name,
        [name.strip() for name in options.classes.split(",")],
        names=options.names,
        prefix=options.prefix,
        probabilities=options.probabilities,
        temperature=options.temperature,
        fold=options.fold,
        split=options.split,
        recordings=recordings,
        overwrite=options.overwrite,
    )
    say(f"{options.out}: {record.name}, {record.clips:,} clips")
    return 0
