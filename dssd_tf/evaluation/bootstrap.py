"""Confidence intervals from resampled recordings."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.evaluation.recording_sums import RecordingSums

LEVEL = 0.95
RESAMPLES = 1000

# Weights held at a time, 16 MB of float64.
_WEIGHTS = 2**21


def intervals(
    sums: RecordingSums, *, resamples: int = RESAMPLES, seed: int = 0, level: float = LEVEL
) -> dict[str, Any] | None:
    """Percentile intervals of macro accuracy and log loss by the cluster bootstrap.

    Clips of one recording are alike, so whole recordings are drawn, with replacement (Efron and
    Tibshirani, "An introduction to the bootstrap", 1993; Davison and Hinkley, "Bootstrap methods
    and their application", 1997). They tell how the figures would vary with other recordings,
    not with another training. With few recordings, or few of a class, they are too short.

    Args:
        sums: Of a system; of a difference, the intervals are those of the paired difference.
        resamples: How often as many recordings are drawn as there are.
        seed: Of the draws; the same seed gives the same resamples.
        level: Share of the resamples within the interval, in (0, 1).

    Returns:
        `macro_accuracy` and `log_loss`, each [low, high], and `level`, `resamples`, `clusters`
        (recordings); None with a single recording, which tells nothing of others.
    """
    clusters = len(sums.clips)
    if clusters < 2:
        return None
    parts = [sums.figures(weights) for weights in _resamples(clusters, resamples, seed)]
    accuracy, loss = (np.concatenate(values) for values in zip(*parts, strict=True))
    return {
        "macro_accuracy": _percentiles(accuracy, level),
        "log_loss": _percentiles(loss, level),
        "level": level,
        "resamples": resamples,
        "clusters": clusters,
    }


def _resamples(clusters: int, resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """How often each cluster was drawn, (resamples, clusters), in parts of bounded size."""
    random = np.random.default_rng([seed, 0xB007])
    most = max(1, _WEIGHTS // clusters)
    for start in range(0, resamples, most):
        rows = min(most, resamples - start)
        drawn = random.integers(clusters, size=(rows, clusters))
        drawn += clusters * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * clusters)
        yield counts.reshape(rows, clusters).astype(np.float64)


def _percentiles(values: NDArray[np.float64], level: float) -> list[float]:
    low, high = np.quantile(values, ((1 - level) / 2, (1 + level) / 2))
    return [float(low), float(high)]
