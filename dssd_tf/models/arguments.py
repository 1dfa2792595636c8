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
        raise ValueError(f"pooling must be None or one of {list(GLOBAL_POOLS)}, got {pooling!r}")
    if include_top and pooling is not None:
        raise ValueError(
            f"pooling={pooling!r} is for include_top=False; the classifier's pools are averages"
        )
