"""How far a model's confidence is from its accuracy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15


def calibration(
    truth: NDArray[np.int64], probabilities: NDArray[np.floating], *, bins: int = BINS
) -> dict[str, Any]:
    """Expected calibration error over equal-width bins of the top probability.

    The error is the mean over the clips of |accuracy − confidence| of their bin, in [0, 1] (Guo,
    Pleiss, Sun and Weinberger, "On calibration of modern neural networks", 2017). A bin holds
    its upper end, not its lower one.

    Args:
        truth: Class index of each clip, (clips,).
        probabilities: (clips, classes), rows summing to 1.
        bins: Number of bins over (0, 1].

    Returns:
        `ece`, and `bins` from low to high: `low`, `high`, `samples`, and the means `confidence`
        and `accuracy`, None without a sample.

    Raises:
        ValueError: There are no clips.
    """
    if truth.size == 0:
        raise ValueError("no clips to score")
    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = (probabilities.argmax(axis=1) == truth).astype(np.float64)
    edges = np.linspace(0, 1, bins + 1)
    place = np.digitize(confidence, edges[1:-1], right=True)
    samples, confident, right = (
        np.bincount(place, weights, minlength=bins) for weights in (None, confidence, correct)
    )
    rows = [
        {
            "low": float(low),
            "high": float(high),
            "samples": int(n),
            "confidence": float(c / n) if n else None,
            "accuracy": float(r / n) if n else None,
        }
        for low, high, n, c, r in zip(edges, edges[1:], samples, confident, right, strict=False)
    ]
    return {"ece": float(np.abs(right - confident).sum() / truth.size), "bins": rows}
