"""Cutting a stream of samples into clips of one length."""

import numpy as np
from numpy.typing import NDArray


class ClipCutter:
    """Cuts blocks of any length, pushed in order, into clips at a fixed distance.

    Clip k holds the samples from k · `hop` on. Not more than a clip is kept between two pushes.

    Args:
        clip: Samples a clip.
        hop: Samples from the start of a clip to that of the next; less than `clip` overlaps,
            more leaves gaps.

    Raises:
        ValueError: One of them is less than 1.
    """

    def __init__(self, clip: int, hop: int):
        if clip < 1 or hop < 1:
            raise ValueError(f"clip {clip} and hop {hop} must be at least one sample")
        self.clip, self.hop = clip, hop
        self._kept = np.zeros(0, np.float32)
        self._received = self._start = self._end = 0

    def push(self, block: NDArray[np.float32]) -> list[tuple[int, NDArray[np.float32]]]:
        """The clips (samples,) that `block` (samples,) completes, each behind its first sample."""
        kept = np.concatenate([self._kept, block])
        self._received += block.size
        offset = self._received - kept.size
        clips = []
        while self._start + self.clip <= self._received:
            first = self._start - offset
            clips.append((self._start, kept[first : first + self.clip]))
            self._end = self._start + self.clip
            self._start += self.hop
        # A copy, so that a long block is not held by its end.
        self._kept = kept[max(0, self._start - offset) :].copy()
        return clips

    @property
    def left(self) -> int:
        """Samples of a clip that is not complete, less those that the last clip had too."""
        return max(0, self._received - max(self._start, self._end))
