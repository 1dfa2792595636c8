"""Explaining the decision of a run's, a preset's or a file's model on a recording."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dssd_tf.config_errors import nearest
from dssd_tf.errors import DataError, ModelError
from dssd_tf.explanation import Occlusion, explanation_figure, occlude
from dssd_tf.features.filter_bank import band_centres
from dssd_tf.presets import Classifier


@dataclass(frozen=True)
class Explanation:
    """What moved the decision on one clip of a recording.

    Args:
        start: Where the clip begins in the recording, in seconds.
        waveform: The clip, (samples,).
        occlusion: What the parts of the clip do.
        picture: PNG.
    """

    start: float
    waveform: NDArray[np.float32]
    occlusion: Occlusion
    picture: bytes


def explain_file(
    classifier: Classifier,
    path: Path,
    *,
    at: float = 0.0,
    label: str | None = None,
    patches: tuple[int, int] = (8, 8),
) -> Explanation:
    """Explain the decision on the clip that begins `at` seconds into a recording.

    Args:
        classifier: The model with its front end.
        path: The recording.
        at: Seconds from its start.
        label: The class that is asked about; None for the most probable one.
        patches: Parts of the time and of the frequency axis.

    Raises:
        DataError: The recording cannot be read or has no whole clip there.
        ModelError: There is no such class, or there are more patches than frames or bands.
    """
    if label is not None and label not in classifier.classes:
        raise ModelError(
            f"knows no class {label!r}{nearest(label, classifier.classes)}",
            path=classifier.path,
            fix=f"choose among {', '.join(classifier.classes)}",
        )
    clip = _clip(classifier, path, at)
    features = classifier.features_of(clip)
    try:
        found = occlude(
            classifier.predictor,
            features,
            len(classifier.classes),
            label=None if label is None else classifier.classes.index(label),
            patches=patches,
        )
    except ValueError as error:
        raise ModelError(str(error)) from error
    picture = explanation_figure(
        features[:, :, 0],
        found,
        classifier.classes,
        seconds=classifier.clip_seconds,
        band_hz=band_centres(classifier.features),
        title=f"{path.name}, {at:g} to {at + classifier.clip_seconds:g} s" if at else path.name,
    )
    return Explanation(at, clip, found, picture)


def _clip(classifier: Classifier, path: Path, at: float) -> NDArray[np.float32]:
    waveform = classifier.read(path)
    first = round(at * classifier.sampling_rate)
    clip = waveform[first : first + classifier.samples]
    if at < 0 or clip.size < classifier.samples:
        raise DataError(
            f"lasts {waveform.size / classifier.sampling_rate:.2f} s: no clip of "
            f"{classifier.clip_seconds:g} s begins at {at:g} s",
            path=path,
        )
    return clip
