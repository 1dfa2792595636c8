"""The precision of the arithmetic while training."""

from collections.abc import Callable
from typing import Literal

import keras


def in_precision(
    precision: Literal["auto", "float32", "mixed_float16"], make_model: Callable[[], keras.Model]
) -> keras.Model:
    """The model of `make_model`, with layers that compute in `precision`.

    With ``mixed_float16``, layers compute in float16 and keep their weights in float32; Keras
    scales the loss. ``auto`` leaves Keras's global policy, float32 unless it was changed.

    Source: Micikevicius et al., Mixed Precision Training (ICLR 2018).
    """
    if precision == "auto":
        return make_model()
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        return make_model()
    finally:
        keras.config.set_dtype_policy(before)
