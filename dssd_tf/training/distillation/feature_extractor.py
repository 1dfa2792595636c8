"""A network's logits together with the outputs of some of its layers."""

import difflib
from collections.abc import Sequence
from typing import Any

import keras

from dssd_tf.errors import ModelError


class FeatureExtractor:
    """Gives a network's logits and the outputs of named layers in one pass.

    No Keras object itself: a model that holds one neither trains nor saves the network in it.

    Args:
        model: A functional network if there are layers to look at, else any.
        layers: Names of layers.

    Raises:
        ModelError: The network has no such layer, or is not functional.
    """

    def __init__(self, model: keras.Model, layers: Sequence[str] = ()):
        self.model, self.layers = model, tuple(dict.fromkeys(layers))
        self._inner = model
        if self.layers:
            outputs = [_output(model, name) for name in self.layers]
            self.shapes = {
                name: tuple(output.shape) for name, output in zip(self.layers, outputs, strict=True)
            }
            self._inner = keras.Model(model.input, [model.outputs[0], *outputs])

    def __call__(self, x: Any, *, training: bool) -> tuple[Any, dict[str, Any]]:
        """(logits (batch, classes), output of each layer by its name)."""
        outputs = self._inner(x, training=training)
        if not self.layers:
            return outputs, {}
        return outputs[0], dict(zip(self.layers, outputs[1:], strict=True))


def _output(model: keras.Model, name: str) -> Any:
    if not getattr(model, "inputs", None):
        raise ModelError(
            f"features of {model.name!r} cannot be read: it is not a functional network",
            fix="distil its logits only",
        )
    names = [layer.name for layer in model.layers]
    if name not in names:
        near = difflib.get_close_matches(name, names, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"choose one of {', '.join(names)}"
        raise ModelError(f"the network {model.name!r} has no layer {name!r}", fix=hint)
    return model.get_layer(name).output
