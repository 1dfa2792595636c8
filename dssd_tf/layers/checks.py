"""Checks of input shapes that every layer of this room makes in the same words."""

from collections.abc import Sequence


def require_grid(layer_name: str, shape: Sequence[int | None]) -> tuple[int | None, ...]:
    """Return `shape` if it is (batch, time, frequency, channels) with known channels.

    Raises:
        ValueError: The rank is not 4, or the number of channels is unknown.
    """
    shape = tuple(shape)
    if len(shape) != 4:
        raise ValueError(
            f"{layer_name}: expected an input of rank 4, (batch, time, frequency, channels), "
            f"got rank {len(shape)} with shape {shape}; add or remove axes with keras.ops."
        )
    if shape[-1] is None:
        raise ValueError(
            f"{layer_name}: the number of channels (last axis) must be known, got {shape}; "
            "give the model's Input a full channel count."
        )
    return shape
