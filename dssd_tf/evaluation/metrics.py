"""The challenge's metrics."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_CLIP = 1e-15


def macro_accuracy(truth: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    """Mean over the classes present in `truth` of the share recognised, in [0, 1].

    Args:
        truth: Class index of each clip, (clips,).
        predicted: Class index of each clip, (clips,).

    Raises:
        ValueError: There are no clips.
    """
    if truth.size == 0:
        raise ValueError("no clips to score")
    return float(np.mean([np.mean(predicted[truth == label] == label) for label in set(truth)]))


def log_loss(truth: NDArray[np.int64], probabilities: NDArray[np.floating]) -> float:
    """Mean negative natural logarithm of the true class's probability over all clips.

    Probabilities (clips, classes) are clipped at 1e-15 and renormalised, as the challenge does.
    """
    clipped = np.clip(probabilities.astype(np.float64), _CLIP, 1.0)
    clipped /= clipped.sum(axis=1, keepdims=True)
    return float(-np.log(clipped[np.arange(len(truth)), truth]).mean())


def score(
    truth: NDArray[np.int64],
    probabilities: NDArray[np.floating],
    devices: Sequence[str],
    classes: Sequence[str],
) -> dict[str, Any]:
    """All results of one system, in the form of `metrics.json`.

    Args:
        truth: Class index of each clip, (clips,).
        probabilities: (clips, classes), rows summing to 1.
        devices: Recording device of each clip.
        classes: Labels in the order of the columns.
    """
    predicted = probabilities.argmax(axis=1)

    def part(mask: NDArray[np.bool_]) -> dict[str, Any]:
        return {
            "samples": int(mask.sum()),
            "accuracy": macro_accuracy(truth[mask], predicted[mask]),
            "log_loss": log_loss(truth[mask], probabilities[mask]),
        }

    whole = part(np.ones(len(truth), dtype=bool))
    device = np.asarray(devices)
    present = [(i, label) for i, label in enumerate(classes) if (truth == i).any()]
    confusion = pd.crosstab(truth, predicted).reindex(
        index=range(len(classes)), columns=range(len(classes)), fill_value=0
    )
    return {
        "samples": whole["samples"],
        "macro_accuracy": whole["accuracy"],
        "log_loss": whole["log_loss"],
        "class_wise": {label: part(truth == i) for i, label in present},
        "device_wise": {name: part(device == name) for name in sorted(set(device))},
        "confusion_matrix": confusion.to_numpy().tolist(),
    }


def agreement(reference: NDArray[np.floating], other: NDArray[np.floating]) -> dict[str, float]:
    """How far two systems' logits (clips, classes) are apart."""
    difference = np.abs(reference - other)
    return {
        "argmax": float(np.mean(reference.argmax(axis=1) == other.argmax(axis=1))),
        "mean_abs_logit": float(difference.mean()),
        "max_abs_logit": float(difference.max()),
    }
