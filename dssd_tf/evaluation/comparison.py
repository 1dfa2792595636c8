"""Two systems on the same clips: how far they are apart, and whether that may be chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dssd_tf.evaluation.bootstrap import LEVEL, intervals
from dssd_tf.evaluation.metrics import clip_losses, macro_accuracy
from dssd_tf.evaluation.permutation import PermutationTest, paired_permutation
from dssd_tf.evaluation.recording_sums import RecordingSums

RESAMPLES = 10_000


@dataclass(frozen=True)
class Difference:
    """One figure of both systems.

    Args:
        a: Of the first system.
        b: Of the second.
        difference: b − a.
        interval: Confidence interval [low, high] of the difference, where there is one.
    """

    a: float
    b: float
    difference: float
    interval: tuple[float, float] | None = None

    @property
    def includes_zero(self) -> bool | None:
        """Whether the interval includes 0; None where there is no interval."""
        return None if self.interval is None else self.interval[0] <= 0 <= self.interval[1]


@dataclass(frozen=True)
class Part:
    """Both systems on some of the clips; `accuracy` is the macro accuracy of these."""

    samples: int
    accuracy: Difference
    log_loss: Difference


@dataclass(frozen=True)
class Recognised:
    """Clips by which system is right (the table of McNemar, "Note on the sampling error of the
    difference between correlated proportions or percentages", 1947)."""

    both: int
    only_a: int
    only_b: int
    neither: int


@dataclass(frozen=True)
class Comparison:
    """Two systems side by side, B less A; accuracies in [0, 1], log losses natural.

    Args:
        samples: Clips.
        recordings: Recordings, the clusters that are resampled and swapped.
        macro_accuracy: With a paired cluster bootstrap interval.
        log_loss: Likewise.
        permutation_test: Of the difference in macro accuracy.
        class_wise: By class that occurs.
        device_wise: By device.
        recognised: Clips by which system is right.
        level: Of the intervals.
        resamples: Of the bootstrap.
        seed: Of the resamples and the permutations.
    """

    samples: int
    recordings: int
    macro_accuracy: Difference
    log_loss: Difference
    permutation_test: PermutationTest
    class_wise: dict[str, Part]
    device_wise: dict[str, Part]
    recognised: Recognised
    level: float
    resamples: int
    seed: int


def compare(
    a: pd.DataFrame,
    b: pd.DataFrame,
    classes: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Compare the predictions of two systems on the same clips, in any order.

    Both see the same resampled recordings, so what makes a recording hard for both cancels.

    Args:
        a: Rows of `predictions.csv` of one system.
        b: Rows of the other.
        classes: Labels, the names of the columns of probabilities.
        resamples: Of the bootstrap, and permutations where not all are looked at.
        seed: Of both.

    Raises:
        ValueError: There are no clips, or both have not the same clips, labels, recordings and
            devices.
        KeyError: A label is not in `classes`.
    """
    clips = ["filename", "recording", "device", "scene_label"]
    a, b = (table.sort_values("filename", ignore_index=True) for table in (a, b))
    if not a[clips].equals(b[clips]):
        raise ValueError("the systems are not on the same clips")
    truth = _places(a["scene_label"], classes)
    answers = [_Answers.of(truth, table, classes) for table in (a, b)]
    sums = [
        RecordingSums.of(truth, each.predicted, each.losses, list(a["recording"]), len(classes))
        for each in answers
    ]
    difference = sums[1].minus(sums[0])
    found = intervals(difference, resamples=resamples, seed=seed)
    whole = _part(truth, answers, np.ones(len(truth), dtype=bool), found)
    devices, labels = a["device"].to_numpy(), a["scene_label"].to_numpy()
    right_a, right_b = (each.predicted == truth for each in answers)
    return Comparison(
        samples=len(truth),
        recordings=len(difference.loss),
        macro_accuracy=whole.accuracy,
        log_loss=whole.log_loss,
        permutation_test=paired_permutation(difference.shares(), permutations=resamples, seed=seed),
        class_wise={c: _part(truth, answers, labels == c) for c in classes if c in set(labels)},
        device_wise={d: _part(truth, answers, devices == d) for d in sorted(set(devices))},
        recognised=Recognised(
            both=int((right_a & right_b).sum()),
            only_a=int((right_a & ~right_b).sum()),
            only_b=int((right_b & ~right_a).sum()),
            neither=int((~right_a & ~right_b).sum()),
        ),
        level=LEVEL,
        resamples=resamples,
        seed=seed,
    )


@dataclass(frozen=True)
class _Answers:
    """Class index and negative log-likelihood of each clip, both (clips,)."""

    predicted: NDArray[np.int64]
    losses: NDArray[np.float64]

    @classmethod
    def of(
        cls, truth: NDArray[np.int64], table: pd.DataFrame, classes: Sequence[str]
    ) -> "_Answers":
        losses = clip_losses(truth, table[list(classes)].to_numpy(np.float64))
        return cls(_places(table["predicted"], classes), losses)


def _places(labels: pd.Series, classes: Sequence[str]) -> NDArray[np.int64]:
    """Class index of each label."""
    places = {label: place for place, label in enumerate(classes)}
    return np.array([places[label] for label in labels], dtype=np.int64)


def _part(
    truth: NDArray[np.int64],
    answers: Sequence[_Answers],
    mask: NDArray[np.bool_],
    found: Mapping[str, Any] | None = None,
) -> Part:
    def difference(values: Sequence[float], name: str) -> Difference:
        a, b = values
        if found is None:
            return Difference(a, b, b - a)
        low, high = found[name]
        return Difference(a, b, b - a, (low, high))

    accuracies = [macro_accuracy(truth[mask], each.predicted[mask]) for each in answers]
    losses = [float(each.losses[mask].mean()) for each in answers]
    return Part(
        int(mask.sum()),
        difference(accuracies, "macro_accuracy"),
        difference(losses, "log_loss"),
    )
