"""The files of a set: clips and tables, as TAU Urban Acoustic Scenes 2022 Mobile has them."""

import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import soundfile

from dssd_tf.data.synthesis.noise import RATE, Samples
from dssd_tf.errors import DataError

README = """\
This is a synthetic set. It holds no recordings: dssd_tf rendered every sound in it from noise
and tones, with the seed {seed}. It has the layout of TAU Urban Acoustic Scenes 2022 Mobile, so
that the whole way from a folder of clips to a submission can be tried without that dataset.

No result on it counts as a result on recordings: report none as such.

Same seed, same size and same versions of dssd_tf, NumPy and SciPy give the same files.
"""


def refuse_occupied(root: Path) -> None:
    """Refuse a place for a new set that is a file or a folder with something in it.

    Raises:
        DataError: It is; or the folder cannot be read.
    """
    if root.is_dir():
        try:
            with os.scandir(root) as entries:
                first = next(entries, None)
        except OSError as error:
            raise DataError(
                f"cannot be read ({error.strerror})", path=root, fix="name another folder"
            ) from error
        if first is None:
            return
        problem = f"is not empty (it holds {first.name})"
    elif root.exists():
        problem = "is a file, not a folder"
    else:
        return
    raise DataError(problem, path=root, fix="name a new folder for the set; nothing was changed")


def make_folders(root: Path) -> None:
    """Make the folders of a set beneath `root`, those of its evaluation set too."""
    for part in (root, root / "evaluation"):
        (part / "audio").mkdir(parents=True)
        (part / "evaluation_setup").mkdir()


def write_clip(path: Path, samples: Samples) -> None:
    """Write `samples`, (44100,) in [-1, 1], as 24-bit mono WAV at 44.1 kHz."""
    # By way of memory: written to a file, libsndfile would wait for the disk after every clip.
    encoded = io.BytesIO()
    soundfile.write(encoded, samples, RATE, subtype="PCM_24", format="WAV")
    path.write_bytes(encoded.getbuffer())


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a TAB-separated table with a header line."""
    lines = ["\t".join(row) for row in (header, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")


def write_readme(root: Path, seed: int) -> None:
    """Write the note that says what the set is."""
    (root / "README.txt").write_text(README.format(seed=seed), encoding="utf-8", newline="")
