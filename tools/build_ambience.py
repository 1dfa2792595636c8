"""Build the ambience set: fetch recordings from Debian packages, check them, cut them."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from dssd_tf.data.recordings import cut_recordings
from dssd_tf.data.recordings.debian import fetch_recordings
from dssd_tf.errors import DssdError
from dssd_tf.progress import say, stage

MANIFEST = Path(__file__).resolve().parents[1] / "recipes" / "ambience" / "recordings.csv"

# Two recordings are sampled at 22.05 kHz: without this, bandwidth alone would tell their class.
MAX_HZ = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch and cut; returns the exit code."""
    options = _parser().parse_args(arguments)
    packages = options.packages or options.folder.with_name(f"{options.folder.name}-packages")
    try:
        with stage("packages") as remarks:
            recordings = fetch_recordings(options.manifest, packages)
            remarks.append(f"{len(recordings)} recordings in {packages}")
        with stage("cutting") as remarks:
            cut = cut_recordings(recordings, options.folder, max_hz=MAX_HZ)
            remarks.append(", ".join(f"{scene} {count}" for scene, count in cut.clips.items()))
    except DssdError as error:
        print(f"build_ambience: error: {error}", file=sys.stderr)
        return error.exit_code
    say(f"check it: dssd data verify {options.folder}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="OUT", help="new or empty folder")
    parser.add_argument("--packages", type=Path, metavar="DIR", help="default: OUT-packages")
    parser.add_argument("--manifest", type=Path, default=MANIFEST, help="table of the recordings")
    return parser


if __name__ == "__main__":
    sys.exit(main())
