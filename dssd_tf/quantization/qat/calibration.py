"""Where a twin's ranges start."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dssd_tf.progress import track
from dssd_tf.quantization.calibration_clips import calibration_clips
from dssd_tf.quantization.qat.twin import Twin

_BATCH = 32


def calibrate(
    twin: Twin,
    features: ArrayLike,
    *,
    percentile: float = 100.0,
    show: bool = True,
) -> None:
    """Set all ranges of a twin: weights by their largest, activations by the float twin.

    tensorflow-model-optimization starts its observers at [-6, 6] and moves them by a thousandth
    a step; a short fine-tuning would never reach the real ranges.

    Args:
        twin: Its ranges are set.
        features: Clips that the ranges are taken from, (clips, time, frequency, channels).
        percentile: 100 takes the smallest and largest value; below, the percentile of each batch
            of clips that leaves out as much at both ends.
        show: Whether a progress bar shows.

    Raises:
        ModelError: The clips are not what the network takes.
    """
    import tf_keras

    clips = calibration_clips(twin.name, features, twin.plain.input_shape[1:])
    set_weight_ranges(twin)
    observed = [
        index
        for index, observes in enumerate(twin.plan.observes)
        if observes and twin.plan.group[index] is not None
    ]
    probe = tf_keras.Model(twin.plain.inputs, [twin.outputs[index] for index in observed])
    low, high = np.zeros(len(observed)), np.zeros(len(observed))
    starts = range(0, len(clips), _BATCH)
    for start in track(starts, "calibration") if show else starts:
        values = probe(clips[start : start + _BATCH], training=False)
        for place, value in enumerate(values):
            ends = _ends(np.asarray(value), percentile)
            low[place], high[place] = min(low[place], ends[0]), max(high[place], ends[1])
    members = _members(twin)
    for index, smallest, largest in zip(observed, low, high, strict=True):
        members[index]["min"].assign(smallest)
        members[index]["max"].assign(largest)
    twin.ranges.unite()


def set_weight_ranges(twin: Twin) -> None:
    """Set each weight's range by its present values."""
    for layer in twin.model.layers:
        for weight, quantizer, variables in getattr(layer, "_weight_vars", []):
            quantizer.follow(weight, variables)


def _ends(values: NDArray[np.float32], percentile: float) -> tuple[float, float]:
    if percentile == 100:
        return float(values.min()), float(values.max())
    low, high = np.percentile(values, [100 - percentile, percentile])
    return float(low), float(high)


def _members(twin: Twin) -> dict[int, dict[str, Any]]:
    """The variables of each observed tensor, by number of its primitive."""
    groups = {group: iter(members) for group, members in twin.ranges.observed.items()}
    return {
        index: next(groups[group])
        for index, (group, observes) in enumerate(
            zip(twin.plan.group, twin.plan.observes, strict=True)
        )
        if observes and group is not None
    }
