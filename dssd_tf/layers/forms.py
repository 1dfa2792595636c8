"""The form in which layers compute: with convolution operations, or without any.

Both forms give the same numbers, up to rounding, from the same weights. A form is no part of a
layer: configurations, weights and saved files know nothing of it.

- ``convolution`` (the default): the back end's convolution operations. What counting,
  conversion, saving and inference see.
- ``fused``: operators, normalizations and pools as loops over memory that keep nothing but what
  the backward pass needs (room `fused`; TensorFlow on a CPU). This trains fastest.
- ``shifted``: depthwise convolutions as sums of shifted and scaled copies of their input, 1x1
  convolutions as matrix products. What XLA compiles best on a CPU, since its
  convolutions are slow there.

A form acts on what is computed, or traced into a graph, inside `use_form`::

    with use_form("shifted"):
        model.fit(...)
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, Literal, get_args

import keras
from keras import ops

Form = Literal["convolution", "shifted", "fused"]
FORMS: tuple[Form, ...] = get_args(Form)

_form: ContextVar[Form] = ContextVar("form", default="convolution")


def current_form() -> Form:
    """The form in which layers compute now, in this thread."""
    return _form.get()


@contextlib.contextmanager
def use_form(form: Form) -> Iterator[None]:
    """Let layers compute in `form` inside the ``with`` block, in this thread.

    Raises:
        ValueError: `form` is unknown.
    """
    if form not in FORMS:
        raise ValueError(f"unknown form {form!r}; choose one of {', '.join(FORMS)}.")
    token = _form.set(form)
    try:
        yield
    finally:
        _form.reset(token)


def fused(x: Any) -> bool:
    """Whether `x` is to be computed by the fused loops, which know float32 and float64 only."""
    return (
        current_form() == "fused"
        and keras.backend.backend() == "tensorflow"
        and keras.backend.standardize_dtype(x.dtype) in ("float32", "float64")
    )


def pointwise(layer: keras.layers.Conv2D, x: Any) -> Any:
    """What the 1x1 convolution `layer` gives for `x`, in the current form.

    (batch, time, frequency, C) → (batch, time, frequency, filters). The layer has kernel size
    and strides 1 and one group.
    """
    if current_form() == "convolution":
        return layer(x)
    shape = ops.shape(x)
    kernel = ops.reshape(layer.kernel, layer.kernel.shape[-2:])
    y = ops.matmul(ops.reshape(x, (-1, shape[-1])), kernel)
    if layer.use_bias and fused(y):
        from dssd_tf.layers.fused.steps import biased

        y = biased(y, layer.bias)
    elif layer.use_bias:
        y = y + layer.bias
    return layer.activation(ops.reshape(y, (*shape[:-1], layer.filters)))
