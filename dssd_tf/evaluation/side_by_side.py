"""Several forms of one network on the same clips: what each is worth, how far they are apart."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.evaluation.metrics import agreement, log_loss, macro_accuracy
from dssd_tf.evaluation.predictor import softmax


def side_by_side(
    truth: NDArray[np.int64],
    logits: Mapping[str, NDArray[np.floating]],
    classes: Sequence[str],
) -> dict[str, Any]:
    """Results of each system and the differences of each pair, in the form of `parity.json`.

    Args:
        truth: Class index of each clip, (clips,).
        logits: (clips, classes) by system; in a pair, the first of both is the reference.
        classes: Labels in the order of the columns.

    Raises:
        ValueError: There are no clips, or a system's logits have another shape.
    """
    for system, values in logits.items():
        if values.shape != (len(truth), len(classes)):
            raise ValueError(
                f"logits of {system} have shape {values.shape}, not {(len(truth), len(classes))}"
            )
    return {
        "clips": len(truth),
        "systems": {
            system: {
                "macro_accuracy": macro_accuracy(truth, values.argmax(axis=1)),
                "log_loss": log_loss(truth, softmax(values)),
            }
            for system, values in logits.items()
        },
        "pairs": [
            {
                "reference": reference,
                "other": other,
                **agreement(logits[reference], logits[other]),
                "flips": flips(truth, logits[reference], logits[other], classes),
            }
            for reference, other in itertools.combinations(logits, 2)
        ],
    }


def flips(
    truth: NDArray[np.int64],
    reference: NDArray[np.floating],
    other: NDArray[np.floating],
    classes: Sequence[str],
) -> dict[str, dict[str, int]]:
    """For each true class that occurs: clips, and those whose arg-max is another.

    `changed` counts all of these; `right_to_wrong` those that only the reference recognises,
    `wrong_to_right` those that only the other does. The rest go from one wrong class to another.

    Args:
        truth: Class index of each clip, (clips,).
        reference: Logits (clips, classes).
        other: Logits (clips, classes).
        classes: Labels in the order of the columns.
    """
    before, after = reference.argmax(axis=1), other.argmax(axis=1)
    masks = {
        "changed": before != after,
        "right_to_wrong": (before == truth) & (after != truth),
        "wrong_to_right": (before != truth) & (after == truth),
    }
    return {
        label: {
            "clips": int((truth == i).sum()),
            **{name: int((mask & (truth == i)).sum()) for name, mask in masks.items()},
        }
        for i, label in enumerate(classes)
        if (truth == i).any()
    }
