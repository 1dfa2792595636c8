"""Classifying a stream clip by clip, as it comes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data.clip_cutter import ClipCutter
from dssd_tf.errors import DataError
from dssd_tf.evaluation.smoothing import Smoother, clips_within
from dssd_tf.presets.classifier import Classifier


@dataclass(frozen=True)
class StreamedClip:
    """What is said of a clip of a stream.

    Args:
        start: Seconds from the stream's start to the clip's.
        end: Seconds from the stream's start to the clip's end.
        label: The most probable class.
        probabilities: (classes,), smoothed over the clips before where that is asked for.
    """

    start: float
    end: float
    label: str
    probabilities: NDArray[np.float64]

    @property
    def probability(self) -> float:
        """That of the most probable class."""
        return float(self.probabilities.max())


class StreamClassifier:
    """Classifies the clips of one stream; memory does not grow with its length.

    Clip k starts k · `hop_seconds` into the stream. Smoothed, its probabilities are the softmax
    of the mean of the log-probabilities of all clips that lie wholly within the last
    `smooth_seconds`, this one included. So a window of a clip's length is no smoothing.

    Args:
        classifier: Classifies a clip.
        hop_seconds: Seconds between the starts of two clips; None for a clip's length.
        smooth_seconds: Length of the window; None for no smoothing.

    Raises:
        DataError: The hop is less than a sample, or the window shorter than a clip.
    """

    def __init__(
        self,
        classifier: Classifier,
        *,
        hop_seconds: float | None = None,
        smooth_seconds: float | None = None,
    ):
        self.classifier, rate = classifier, classifier.sampling_rate
        clip = classifier.samples
        hop = clip if hop_seconds is None else round(hop_seconds * rate)
        window = clip if smooth_seconds is None else round(smooth_seconds * rate)
        if hop < 1:
            raise DataError(
                f"a hop of {hop_seconds:g} s is less than a sample at {rate} Hz",
                fix="give a longer --hop",
            )
        if window < clip:
            raise DataError(
                f"smoothing over {smooth_seconds:g} s is less than a clip of "
                f"{classifier.clip_seconds:g} s",
                fix="give a longer --smooth, or leave it out",
            )
        self._cutter = ClipCutter(clip, hop)
        self._smooth = Smoother(clips_within(window, clip, hop))

    def __call__(self, blocks: Iterable[NDArray[np.float32]]) -> Iterator[StreamedClip]:
        """Yield each clip of a stream that comes in blocks (samples,) as soon as it is complete.

        Raises:
            DataError: The stream ends before the first clip is complete, or holds NaN.
            ModelError: The model has other outputs than the classes.
        """
        rate, clips = self.classifier.sampling_rate, 0
        for block in blocks:
            for first, clip in self._cutter.push(block):
                clips += 1
                smoothed = self._smooth(self.classifier.log_probabilities(clip[None])[0])
                label = self.classifier.classes[int(smoothed.argmax())]
                yield StreamedClip(first / rate, (first + clip.size) / rate, label, smoothed)
        if clips == 0:
            raise DataError(
                f"lasts {self.seconds_left:.2f} s, shorter than a clip of "
                f"{self.classifier.clip_seconds:g} s"
            )

    @property
    def seconds_left(self) -> float:
        """Seconds at the end so far that belong to no complete clip."""
        return self._cutter.left / self.classifier.sampling_rate
