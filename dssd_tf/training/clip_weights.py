"""The weight of each training clip in the loss, from its class and its device."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dssd_tf.errors import RecipeError

Weights = Literal["balanced"] | Mapping[str, float] | None
"""``balanced``: each group has the same sum; a mapping: factors by name, others 1; None: all 1."""


def clip_weights(
    clips: pd.DataFrame, class_weight: Weights, device_weight: Weights
) -> NDArray[np.float32] | None:
    """The weights, (clips,), with mean 1; None where all would be the same.

    Their mean is 1 so that the learning rate means what it does without them.

    Args:
        clips: The training clips, with the columns scene_label and device.
        class_weight: By scene label.
        device_weight: By device.

    Raises:
        RecipeError: A weight is given for a class or device that no training clip has, or all
            are 0.
    """
    if not class_weight and not device_weight:
        return None
    by_class = _factors(list(clips["scene_label"]), class_weight, "class_weight")
    by_device = _factors(list(clips["device"]), device_weight, "device_weight")
    weights = by_class * by_device
    if not weights.any():
        raise RecipeError(
            "training.class_weight and training.device_weight make every clip's weight 0",
            fix="raise one of them",
        )
    return (weights / weights.mean()).astype(np.float32)


def _factors(names: Sequence[str], weights: Weights, setting: str) -> NDArray[np.float64]:
    if weights is None:
        return np.ones(len(names))
    found, index, counts = np.unique(np.array(names), return_inverse=True, return_counts=True)
    if weights == "balanced":
        return (len(names) / (len(found) * counts))[index]
    assert not isinstance(weights, str)
    unknown = sorted(set(weights) - set(found.tolist()))
    if unknown:
        raise RecipeError(
            f"training.{setting} names {unknown[0]!r}, which no training clip has",
            fix=f"choose from {', '.join(found)}",
        )
    return np.array([weights.get(name, 1.0) for name in found.tolist()])[index]
