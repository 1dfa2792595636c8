"""What is left to do, in chunks that every writer would cut alike."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data.cache.clip_file import ClipFile
from dssd_tf.data.cache.settings import EntrySettings
from dssd_tf.data.cache.shard import shard_folder
from dssd_tf.errors import DssdError

SHARD_CLIPS = 256


@dataclass(frozen=True)
class Part:
    """One share of the chunks, so that several machines can divide them without talking.

    Args:
        index: Which share, 1 to `count`.
        count: How many shares there are.
    """

    index: int
    count: int

    @staticmethod
    def parse(text: str) -> "Part":
        """The part written `i/n`.

        Raises:
            DssdError: It is not of that form, or i is not in 1…n.
        """
        found = re.fullmatch(r"(\d+)/(\d+)", text)
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            raise DssdError(
                f"--shard {text!r} is not of the form i/n with i from 1 to n",
                fix="e.g. --shard 1/4, 2/4, 3/4 and 4/4 on four machines",
            )
        return Part(int(found[1]), int(found[2]))


@dataclass(frozen=True)
class Chunk:
    """The clips of one shard that is to be written; goes to a worker as it is."""

    root: Path
    entry: Path
    settings: EntrySettings
    files: tuple[ClipFile, ...]

    @property
    def folder(self) -> Path:
        """The shard that will hold it."""
        return shard_folder(self.entry, self.files)

    def __str__(self) -> str:
        return f"{self.folder.name} ({self.files[0].name} … {self.files[-1].name})"


def plan_chunks(
    root: Path,
    entry: Path,
    settings: EntrySettings,
    files: Sequence[ClipFile],
    missing: NDArray[np.int64],
    part: Part | None = None,
) -> list[Chunk]:
    """The missing clips in chunks, in an order of this writer's own.

    The chunks follow from the list of clips alone as long as all that is done of it are whole
    chunks. They are dealt out by where they begin in the list, which does not move while others
    finish theirs.

    Args:
        root: The dataset's folder.
        entry: The entry's folder.
        settings: The entry's settings.
        files: Every clip that is wanted.
        missing: Positions in `files` of those to compute, ascending.
        part: Only this share of the chunks.
    """
    chunks = []
    for start in range(0, len(missing), SHARD_CLIPS):
        positions = missing[start : start + SHARD_CLIPS]
        number = int(positions[0]) // SHARD_CLIPS
        if part is None or number % part.count == part.index - 1:
            chunks.append(Chunk(root, entry, settings, tuple(files[i] for i in positions)))
    # Writers that walk in different orders rarely meet at a chunk.
    random.SystemRandom().shuffle(chunks)
    return chunks
