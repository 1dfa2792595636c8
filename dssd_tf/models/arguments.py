"""Checks of arguments that the networks of distilled blocks share."""

from typing import Any

import keras

GLOBAL_POOLS: dict[str, type[Any]] = {
    "avg": keras.layers.GlobalAveragePooling2D,
    "max": keras.layers.GlobalMaxPooling2D,
}
"""What `pooling` may name."""


def require_pattern(pattern: str) -> None:
    """Check that `pattern` names the form of each block.

    Raises:
        ValueError: It is empty or has other letters than S and F.
    """
    if not pattern or set(pattern) - {"S", "F"}:
        raise ValueError(f"pattern must consist of the letters S and F, got {pattern!r}")


def require_pooling(pooling: str | None, include_top: bool) -> None:
    """Check that `pooling` can be done.

    Raises:
        ValueError: It is unknown, or given together with the top.
    """
    if pooling is not None and pooling not in GLOBAL_POOLS:
        known = ", ".join(GLOBAL_POOLS)
        raise ValueError(f"pooling must be None or one of {known}, got {pooling!r}")
    if include_top and pooling is not None:
        raise ValueError(
            f"pooling={pooling!r} is for include_top=False; the classifier's pools are averages"
        )


def distilled_filters(distilled_width: int | str | None, channels: int) -> int | None:
    """Distilled channels of a block whose input has `channels`; None for the block's own choice.

    Raises:
        ValueError: `distilled_width` is no whole number from 1 up, nor "same", nor None.
    """
    counts = isinstance(distilled_width, int) and distilled_width >= 1
    if not counts and distilled_width not in ("same", None):
        raise ValueError(
            "distilled_width must be a whole number from 1 up, 'same' or None, "
            f"got {distilled_width!r}"
        )
    return channels if isinstance(distilled_width, str) else distilled_width
