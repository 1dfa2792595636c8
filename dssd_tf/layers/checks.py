"""Checks of arguments and input shapes that every layer of this room makes in the same words."""

import numbers
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


def require_positive(layer_name: str, **values: object) -> None:
    """Check that each of `values` is a whole number from 1 up.

    Raises:
        ValueError: One is not; the message names it.
    """
    for name, value in values.items():
        # Numbers of NumPy are whole numbers too; True is none.
        whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        if not whole or value < 1:  # type: ignore[operator]
            raise ValueError(
                f"{layer_name}: {name} must be a whole number from 1 up, got {value!r}."
            )
