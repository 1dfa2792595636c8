"""A system's results summed by recording: all that resampling whole recordings needs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class RecordingSums:
    """Sums over the clips of each recording.

    Args:
        clips: Clips of each true class, (recordings, classes).
        correct: Those of them that are recognised, (recordings, classes).
        loss: Sum of the clips' negative log-likelihoods, (recordings,).
    """

    clips: NDArray[np.float64]
    correct: NDArray[np.float64]
    loss: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        truth: NDArray[np.int64],
        predicted: NDArray[np.int64],
        losses: NDArray[np.float64],
        recordings: Sequence[str],
        classes: int,
    ) -> "RecordingSums":
        """Sum over clips; the recordings come in the order of their names.

        Args:
            truth: Class index of each clip, (clips,).
            predicted: Class index of each clip, (clips,).
            losses: Negative log-likelihood of each clip, natural, (clips,).
            recordings: Which recording each clip is of; in TAU data those of one scene and one
                place count as one.
            classes: Number of classes.
        """
        place, names = pd.factorize(np.asarray(recordings, dtype=object), sort=True)
        cell, size = place * classes + truth, len(names) * classes
        clips, correct = (
            np.bincount(cell, weights, size).reshape(len(names), classes).astype(np.float64)
            for weights in (None, predicted == truth)
        )
        return cls(clips, correct, np.bincount(place, losses).astype(np.float64))

    def minus(self, other: "RecordingSums") -> "RecordingSums":
        """The sums of a difference on the same clips.

        With the clips given, macro accuracy and log loss are linear in the other sums: what is
        computed from this is the difference of the two systems.
        """
        return RecordingSums(self.clips, self.correct - other.correct, self.loss - other.loss)

    def figures(
        self, weights: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Macro accuracy and log loss with the recordings weighted, each (resamples,).

        A class without a clip is left out of its resample's mean.

        Args:
            weights: How often each recording counts, (resamples, recordings).
        """
        size = self.clips.shape[1]
        totals = weights @ np.column_stack([self.clips, self.correct, self.loss])
        clips, correct, loss = totals[:, :size], totals[:, size:-1], totals[:, -1]
        recall = np.divide(correct, clips, out=np.zeros_like(correct), where=clips > 0)
        return recall.sum(axis=1) / (clips > 0).sum(axis=1), loss / clips.sum(axis=1)

    def shares(self) -> NDArray[np.float64]:
        """What each recording adds to the macro accuracy, (recordings,); their sum is it."""
        totals = self.clips.sum(axis=0)
        present = totals > 0
        return (self.correct[:, present] / totals[present]).sum(axis=1) / present.sum()
