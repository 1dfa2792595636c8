"""The operators a block may use, by the short names of recipes and registry."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras

from dssd_tf.layers.orthonormal_separable_conv import OrthonormalSeparableConv
from dssd_tf.layers.separable_conv import SeparableConv
from dssd_tf.layers.separable_partial_conv import SeparablePartialConv

OPERATORS: dict[str, Callable[..., keras.layers.Layer]] = {
    "sc": SeparableConv,
    "sc_g": partial(SeparableConv, grouped=True),
    "osc": OrthonormalSeparableConv,
    "spc": SeparablePartialConv,
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
    require_operator(operator)
    return OPERATORS[operator](filters, **kwargs)


def require_operator(operator: str) -> None:
    """Check that `operator` is one of `OPERATORS`.

    Raises:
        ValueError: It is not.
    """
    if operator not in OPERATORS:
        raise ValueError(f"unknown operator {operator!r}; choose one of {', '.join(OPERATORS)}.")
