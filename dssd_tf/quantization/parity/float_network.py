"""The float side: the layers of a deploy form, how they are linked, and what they give."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import ModelError


@dataclass(frozen=True)
class FloatLayer:
    """One layer.

    Args:
        name: Its name.
        kind: Its class.
        shape: Of its output, without the batch axis and axes of size 1.
        inputs: Positions of the layers it reads.
        weighted: Whether it has weights.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    inputs: tuple[int, ...]
    weighted: bool


class FloatNetwork:
    """A model whose layers can all be looked into.

    Args:
        model: A functional model as `deploy_form` gives it: every layer called once.

    Raises:
        ModelError: It is not functional, or an axis of a layer's output is open.
    """

    def __init__(self, model: keras.Model):
        if not isinstance(model, keras.src.models.functional.Functional):
            raise ModelError(
                f"{model.name} is not a functional model, so its layers cannot be looked into",
                fix="give its deploy form",
            )
        operations = model.operations
        places = {id(operation): place for place, operation in enumerate(operations)}
        self.layers = [_layer(operation, places) for operation in operations]
        self.input_shape = tuple(model.inputs[0].shape[1:])
        self._model = keras.Model(model.inputs, [operation.output for operation in operations])

    def run(self, clip: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """What each layer gives for a clip (time, frequency, channels), flat, in order."""
        # One graph for all clips: layer by layer, a clip would take far longer.
        outputs = self._model.predict_on_batch(clip[None])
        return [np.asarray(output, dtype=np.float32).reshape(-1) for output in outputs]


def _layer(operation: Any, places: dict[int, int]) -> FloatLayer:
    shape = operation.output.shape[1:]
    if any(size is None for size in shape):
        raise ModelError(
            f"layer {operation.name!r} gives {shape}: every axis but the batch must be fixed",
            fix="build the model with a fixed input shape",
        )
    (node,) = operation._inbound_nodes
    return FloatLayer(
        name=operation.name,
        kind=type(operation).__name__,
        shape=tuple(size for size in shape if size != 1),
        inputs=tuple(places[id(tensor._keras_history.operation)] for tensor in node.input_tensors),
        weighted=bool(getattr(operation, "weights", ())),
    )
