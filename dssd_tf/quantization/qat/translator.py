"""Collecting the primitives of a model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dssd_tf.errors import ModelError
from dssd_tf.quantization.qat.primitive import Kind, Primitive

_ACTIVATIONS = ("relu", "relu6", "leaky_relu", "sigmoid", "tanh", "softmax", "sqrt", "rsqrt")


@dataclass(frozen=True)
class Tensor:
    """An output in the making: which primitive gives it, and its shape with the batch axis."""

    index: int
    shape: tuple[int | None, ...]


class Translator:
    """Collects the primitives of a model, layer by layer.

    Args:
        rules: What each type of layer or operation is made of; subclasses do not count.
    """

    def __init__(self, rules: Mapping[type, Callable[..., Tensor]]) -> None:
        self.primitives: list[Primitive] = []
        self._rules = rules

    def append(
        self,
        kind: Kind,
        layer: Any,
        inputs: Sequence[Tensor] = (),
        shape: Any = None,
        weights: Sequence[Any] = (),
        **options: Any,
    ) -> Tensor:
        """Add a primitive that `layer` stands for; without `shape`, it keeps the first input's."""
        self.primitives.append(
            Primitive(
                kind,
                layer.name,
                tuple(tensor.index for tensor in inputs),
                options,
                tuple(np.asarray(weight) for weight in weights),
            )
        )
        shape = inputs[0].shape if shape is None else shape
        return Tensor(len(self.primitives) - 1, tuple(shape))

    def activate(self, layer: Any, x: Tensor, activation: Any) -> Tensor:
        """Add an activation function of Keras, if it is one."""
        name = getattr(activation, "__name__", str(activation))
        if name == "linear":
            return x
        if name not in _ACTIVATIONS:
            raise unsupported(layer, f"activation {name!r}")
        # The defaults of keras.activations; the layers of the same name have others.
        options = {"negative_slope": 0.2} if name == "leaky_relu" else {}
        return self.append(name, layer, [x], **options)  # type: ignore[arg-type]

    def call(self, layer: Any, *args: Any, **kwargs: Any) -> Tensor:
        """Add what `layer` does with `args`.

        Raises:
            ModelError: The layer has no primitive; the message names it.
        """
        rule = self._rules.get(type(layer))
        if rule is None:
            raise unsupported(layer, f"a layer of type {type(layer).__name__}")
        # Keras passes `training` and an empty `mask` to some.
        given = {key: value for key, value in kwargs.items() if key not in ("training", "mask")}
        return rule(self, layer, *args, **given)


def unsupported(layer: Any, what: str) -> ModelError:
    """The error of a layer that cannot be trained with rounding."""
    return ModelError(
        f"{layer.name}: {what} has no form for quantization-aware training",
        fix="build the network from layers that have one, or set quantization.method to ptq",
    )
