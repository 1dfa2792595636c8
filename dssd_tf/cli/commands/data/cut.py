"""`dssd data cut`: a set made of one's own recordings."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import count, seconds, subparser

_EPILOG = """\
examples:
  dssd data cut recordings/ data/mine                    # recordings/CLASS/*.wav
  dssd data cut recordings/ data/mine --seconds 2 --folds 5
  dssd data cut table.csv data/mine --root recordings/   # path,scene,recording[,fold,…]
  dssd data verify data/mine && dssd run RECIPE --data data/mine

SRC is a folder with one folder a class, or a table. Recordings (wav, flac, ogg, mp3, aiff) may have
any length, rate and channels; they are cut into whole clips, silent ones left out. All files of a
folder below a class, as in CLASS/PLACE/*.wav, are from one place and stay in one fold; a file right
under CLASS is a place of its own. That is what keeps the score honest: clips of one place are
alike.

Written are audio/, meta.csv, the lists of the folds, and recordings.csv: where each clip is from.
"""

# Recordings without a clip that are told by name.
_NAMED = 3


def add_parser(subparsers: Any) -> None:
    """Add the action."""
    parser = subparser(
        subparsers, "cut", "make a set in the TAU layout of recordings of any length", _EPILOG
    )
    parser.add_argument("source", type=Path, metavar="SRC", help="folder, or table (.csv)")
    parser.add_argument("folder", type=Path, metavar="OUT", help="new or empty folder")
    parser.add_argument("--seconds", type=seconds, default=1.0, metavar="S", help="of a clip (1)")
    parser.add_argument("--folds", type=int, default=3, metavar="N", help="default: 3")
    parser.add_argument("--rate", type=count, default=44100, metavar="HZ", help="default: 44100")
    parser.add_argument(
        "--max-hz", type=float, metavar="HZ", help="take out what lies above: for mixed bandwidths"
    )
    parser.add_argument("--device", default="a", metavar="NAME", help="of a folder's files (a)")
    parser.add_argument("--root", type=Path, metavar="DIR", help="where a table's files lie")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the folds (0)")
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Cut."""
    from dssd_tf.data.recordings import cut_recordings, read_manifest, recordings_in_folders
    from dssd_tf.progress import say, stage, warn

    if options.source.suffix == ".csv":
        recordings = read_manifest(options.source, options.root)
    else:
        recordings = recordings_in_folders(options.source, device=options.device)
    with stage("cutting") as remarks:
        cut = cut_recordings(
            recordings,
            options.folder,
            seconds=options.seconds,
            folds=options.folds,
            rate=options.rate,
            max_hz=options.max_hz,
            seed=options.seed,
        )
        counts = ", ".join(f"{scene} {count:,}" for scene, count in cut.clips.items())
        remarks.append(
            f"{len(recordings):,} recordings → {sum(cut.clips.values()):,} clips ({counts})"
        )
        if cut.silent:
            remarks.append(f"{cut.silent:,} silent clips were left out")
    if cut.short:
        named = [str(path) for path in cut.short[:_NAMED]]
        named += ["…"] if len(cut.short) > _NAMED else []
        warn(
            f"{len(cut.short):,} of {len(recordings):,} recordings gave no clip (longest "
            f"{cut.longest_short:.2f} s, asked {options.seconds:g} s, or silent): "
            f"{', '.join(named)}"
        )
    say(f"check it: dssd data verify {options.folder}")
    return 0
