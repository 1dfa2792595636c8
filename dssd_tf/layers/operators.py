"""The operators a block may use, by the short names of recipes and registry."""

from collections.abc import Callable
from typing import Any

import keras

from dssd_tf.layers.separable_conv import SeparableConv


def _separable(filters: int, **kwargs: Any) -> keras.layers.Layer:
    return SeparableConv(filters, **kwargs)


def _separable_grouped(filters: int, **kwargs: Any) -> keras.layers.Layer:
    return SeparableConv(filters, grouped=True, **kwargs)


OPERATORS: dict[str, Callable[..., keras.layers.Layer]] = {
    "sc": _separable,
    "sc_g": _separable_grouped,
}


def make_operator(operator: str, filters: int, **kwargs: Any) -> keras.layers.Layer:
    """A layer that maps (batch, time, frequency, C) to `filters` channels on the same grid.

    Args:
        operator: One of `OPERATORS`.
        filters: Output channels.
        kwargs: Passed to the layer.

    Raises:
        ValueError: `operator` is not known.
    """
    if operator not in OPERATORS:
        raise ValueError(f"unknown operator {operator!r}; choose one of {', '.join(OPERATORS)}.")
    return OPERATORS[operator](filters, **kwargs)
