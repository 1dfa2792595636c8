"""Smoothing the predictions of a stream over time."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from dssd_tf.evaluation.predictor import softmax


def clips_within(window: int, clip: int, hop: int) -> int:
    """How many clips lie wholly within a window that ends with the last of them.

    Args:
        window: Samples of the window.
        clip: Samples a clip.
        hop: Samples between the starts of two clips.

    Raises:
        ValueError: The window is shorter than a clip, or a length is below 1.
    """
    if clip < 1 or hop < 1 or window < clip:
        raise ValueError(f"window {window}, clip {clip}, hop {hop}")
    return 1 + (window - clip) // hop


class Smoother:
    """Averages log-probabilities over the last clips.

    The result is the normalised geometric mean of the clips' probabilities: the softmax of the
    mean of their logarithms. Equal clips come out unchanged; one clip is no smoothing. At the
    start the mean is over the clips there are.

    Args:
        clips: How many of the last clips count, the newest included.
    """

    def __init__(self, clips: int):
        if clips < 1:
            raise ValueError(f"{clips} clips")
        self._last: deque[NDArray[np.float64]] = deque(maxlen=clips)

    def __call__(self, log_probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Smoothed probabilities (classes,) after a clip's natural log-probabilities (classes,)."""
        self._last.append(np.array(log_probabilities, dtype=np.float64))
        return softmax(np.mean(self._last, axis=0)[None])[0]
