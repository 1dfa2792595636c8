"""The challenge's metrics."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dssd_tf.evaluation.bootstrap import RESAMPLES, intervals
from dssd_tf.evaluation.calibration import calibration
from dssd_tf.evaluation.device_groups import device_groups
from dssd_tf.evaluation.recording_sums import RecordingSums

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
    recalls = [np.mean(predicted[truth == label] == label) for label in np.unique(truth)]
    return float(np.mean(recalls))


def clip_losses(
    truth: NDArray[np.int64], probabilities: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Negative natural logarithm of the true class's probability, (clips,), at least 0.

    Probabilities (clips, classes) are clipped at 1e-15 and renormalised, as the challenge does.
    """
    clipped = np.clip(probabilities.astype(np.float64), _CLIP, 1.0)
    clipped /= clipped.sum(axis=1, keepdims=True)
    return -np.log(clipped[np.arange(len(truth)), truth])


def log_loss(truth: NDArray[np.int64], probabilities: NDArray[np.floating]) -> float:
    """Mean of `clip_losses` over all clips; the probabilities are (clips, classes)."""
    return float(clip_losses(truth, probabilities).mean())


def score(
    truth: NDArray[np.int64],
    probabilities: NDArray[np.floating],
    classes: Sequence[str],
    *,
    devices: Sequence[str],
    recordings: Sequence[str],
    trained_devices: Collection[str],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """All results of one system, in the form of `metrics.json`.

    Args:
        truth: Class index of each clip, (clips,).
        probabilities: (clips, classes), rows summing to 1.
        classes: Labels in the order of the columns.
        devices: Recording device of each clip.
        recordings: Recording of each clip; the intervals resample these as wholes.
        trained_devices: Devices of the training clips, which make a device a seen one.
        resamples: Of the bootstrap.
        seed: Of the bootstrap.

    Raises:
        ValueError: There are no clips.
    """
    predicted = probabilities.argmax(axis=1)
    losses = clip_losses(truth, probabilities)

    def part(mask: NDArray[np.bool_]) -> dict[str, Any]:
        return {
            "samples": int(mask.sum()),
            "accuracy": macro_accuracy(truth[mask], predicted[mask]),
            "log_loss": float(losses[mask].mean()),
        }

    whole = part(np.ones(len(truth), dtype=bool))
    device = np.asarray(devices, dtype=object)
    by_class = {label: truth == i for i, label in enumerate(classes) if (truth == i).any()}
    by_device = {name: device == name for name in sorted(set(devices))}
    groups = device_groups(devices, trained_devices)
    confusion = pd.crosstab(truth, predicted).reindex(
        index=range(len(classes)), columns=range(len(classes)), fill_value=0
    )
    sums = RecordingSums.of(truth, predicted, losses, recordings, len(classes))
    return {
        "samples": whole["samples"],
        "macro_accuracy": whole["accuracy"],
        "log_loss": whole["log_loss"],
        "intervals": intervals(sums, resamples=resamples, seed=seed),
        "class_wise": {label: part(mask) for label, mask in by_class.items()},
        "device_wise": {name: part(mask) for name, mask in by_device.items()},
        "class_device": {
            label: {
                name: part(own & other) for name, other in by_device.items() if (own & other).any()
            }
            for label, own in by_class.items()
        },
        "device_groups": {
            name: part(np.isin(devices, members)) for name, members in groups.items()
        },
        "calibration": calibration(truth, probabilities),
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
