"""The files of a set: clips and tables, as TAU Urban Acoustic Scenes 2022 Mobile has them."""

import io
from pathlib import Path

import soundfile

from dssd_tf.data.synthesis.noise import RATE, Samples

README = """\
This is a synthetic set. It holds no recordings: dssd_tf rendered every sound in it from noise
and tones, with the seed {seed}. It has the layout of TAU Urban Acoustic Scenes 2022 Mobile, so
that the whole way from a folder of clips to a submission can be tried without that dataset.

No result on it counts as a result on recordings: report none as such.

Same seed, same size and same versions of dssd_tf, NumPy and SciPy give the same files.
"""


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


def write_readme(root: Path, seed: int) -> None:
    """Write the note that says what the set is."""
    (root / "README.txt").write_text(README.format(seed=seed), encoding="utf-8", newline="")
