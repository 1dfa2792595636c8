"""The clips that set the ranges of an int8 model."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dssd_tf.errors import ModelError
from dssd_tf.models.keras_message import in_one_line


def calibration_clips(
    name: str, clips: ArrayLike, shape: Sequence[int | None]
) -> NDArray[np.float32]:
    """The clips as an array, proven to be what the network takes.

    The converter takes other shapes and NaN without a word, and learns wrong ranges from them.

    Args:
        name: The network, for messages.
        clips: Features (clips, *shape): anything that NumPy makes an array of, tensors too.
        shape: Of one clip.

    Raises:
        ModelError: They are no numbers, have another shape, or hold NaN or infinity; there is
            none; or an axis of `shape` is open.
    """
    if None in shape:
        raise ModelError(
            f"{name} has an input of shape {tuple(shape)}", fix="build it with every axis fixed"
        )
    fix = f"give at least one clip of shape {tuple(shape)}, as one array (clips, …)"
    try:
        found = np.asarray(clips, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"{name}: calibration features are no array of numbers ({in_one_line(error)})", fix=fix
        ) from error
    if found.shape[1:] != tuple(shape) or len(found) == 0:
        raise ModelError(f"{name}: calibration features have shape {found.shape}", fix=fix)
    broken = ~np.isfinite(found).all(axis=tuple(range(1, found.ndim)))
    if broken.any():
        raise ModelError(
            f"{name}: calibration clip {int(broken.argmax())} holds NaN or infinity",
            fix="leave it out or compute its features again",
        )
    return found
