"""One traced forward pass of a Keras model: which layers are called, on what, and how they join.

The model runs once inside a TensorFlow graph, so shapes are those that really occur, whatever a
composite layer does in its ``call``. Each layer's call is the range of graph operations that
were made meanwhile.
"""

import contextlib
import operator
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

from dssd_tf.errors import ModelError
from dssd_tf.models.keras_message import in_one_line

_PATCH = threading.RLock()


@dataclass
class LayerCall:
    """One call of a layer: graph operations [start, stop), and whether it called other layers."""

    layer: Any
    path: str
    depth: int
    start: int
    stop: int = 0
    leaf: bool = True
    output_shape: tuple[int | None, ...] = ()
    output_bytes: int | None = None


@dataclass
class Trace:
    """The calls in the order in which they returned, within the graph that they made."""

    graph: Any = None
    inputs: list[Any] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    calls: list[LayerCall] = field(default_factory=list)


def trace(model: Any, input_shape: Any = None) -> Trace:
    """Run `model` once on symbolic inputs with batch 1, in inference mode.

    Raises:
        ModelError: The input shape is open, unknown or does not fit the model.
    """
    specification = input_specification(model, input_shape)
    training = {"training": False} if "training" in model.call_signature_parameters else {}
    result = Trace()

    def forward(inputs: Any) -> Any:
        # The function may be traced again if the model makes variables late: keep the last.
        result.graph, result.calls = tf.compat.v1.get_default_graph(), []
        with _recorded_calls(result):
            return model(inputs, **training)

    try:
        if not model.built:
            model(keras.tree.map_structure(_symbol, specification))
        concrete = tf.function(forward, autograph=False).get_concrete_function(specification)
    except Exception as error:
        reason = in_one_line(error) or repr(error)
        shapes = [tuple(spec.shape[1:]) for spec in keras.tree.flatten(specification)]
        raise ModelError(
            f"model {model.name!r} does not run on inputs of shape {shapes} ({reason})",
            fix="give the shape of its input, without the batch, as input_shape",
        ) from error
    result.inputs = list(concrete.graph.inputs[: len(keras.tree.flatten(specification))])
    result.outputs = list(concrete.graph.outputs)
    return result


def input_specification(model: Any, input_shape: Any = None) -> Any:
    """`tf.TensorSpec`s with batch 1 in the structure of the model's inputs.

    Raises:
        ModelError: An axis is open, the model knows no shape, or `input_shape` does not fit the
            model's inputs.
    """
    known = _declared_inputs(model)
    if known is None and input_shape is None:
        raise ModelError(
            f"model {model.name!r} does not know the shape of its input",
            fix="give it, without the batch, as input_shape",
        )
    if input_shape is None:
        return keras.tree.map_structure(_closed_spec, known)
    try:
        if known is None:
            return _spec(input_shape, model.compute_dtype)
        return keras.tree.map_structure_up_to(known, _fitting_spec, known, input_shape)
    except (TypeError, ValueError) as error:
        shapes = "one input" if known is None else keras.tree.map_structure(_shape, known)
        raise ModelError(
            f"input_shape {input_shape!r} does not fit model {model.name!r}, which takes {shapes}",
            fix="give one shape without the batch for each input, in that structure",
        ) from error


def _declared_inputs(model: Any) -> Any:
    """The symbolic inputs of a functional or built sequential model, else None.

    Any layer remembers what it was last called on; that is no declaration and is not used.
    """
    flat = getattr(model, "inputs", None)
    if not flat:
        return None
    return flat[0] if isinstance(model, keras.Sequential) else model.input


def _closed_spec(tensor: Any) -> Any:
    if None in tensor.shape[1:]:
        raise ModelError(
            f"input {tensor.name!r} of shape {tuple(tensor.shape)} leaves axes open",
            fix="give the shape, without the batch, as input_shape",
        )
    return _spec(tensor.shape[1:], tensor.dtype)


def _fitting_spec(tensor: Any, shape: Any) -> Any:
    spec = _spec(shape, tensor.dtype)
    if not spec.shape.is_compatible_with(tensor.shape):
        raise ValueError(f"{shape} for {tensor.shape}")
    return spec


def _spec(shape: Any, dtype: str) -> Any:
    return tf.TensorSpec([1, *map(operator.index, shape)], dtype)


def _shape(tensor: Any) -> str:
    return str(tuple(tensor.shape[1:]))


def _symbol(spec: Any) -> Any:
    return keras.KerasTensor(tuple(spec.shape), dtype=spec.dtype.name)


@contextlib.contextmanager
def _recorded_calls(result: Trace) -> Iterator[None]:
    """Record this thread's calls of layers into `result`; other threads' calls pass through."""
    owner, open_calls = threading.get_ident(), list[LayerCall]()
    with _PATCH:
        original: Callable[..., Any] = keras.layers.Layer.__call__

        def recording(layer: Any, *args: Any, **kwargs: Any) -> Any:
            # Calls in another graph are shape inference or the body of an inner function.
            here = tf.compat.v1.get_default_graph() is result.graph
            if threading.get_ident() != owner or not here:
                return original(layer, *args, **kwargs)
            names = [call.layer.name for call in open_calls[1:]] + [layer.name]
            call = LayerCall(layer, "/".join(names), len(open_calls), _operations(result))
            if open_calls:
                open_calls[-1].leaf = False
            open_calls.append(call)
            try:
                outputs = original(layer, *args, **kwargs)
            finally:
                open_calls.pop()
            call.stop = _operations(result)
            first = next((o for o in keras.tree.flatten(outputs) if tf.is_tensor(o)), None)
            if first is not None:
                call.output_shape = _shape_of(first)
                if first.shape.is_fully_defined():
                    call.output_bytes = int(first.shape.num_elements()) * int(first.dtype.size)
            result.calls.append(call)
            return outputs

        keras.layers.Layer.__call__ = recording
        try:
            yield
        finally:
            keras.layers.Layer.__call__ = original


def _operations(result: Trace) -> int:
    return len(result.graph.get_operations())


def _shape_of(tensor: Any) -> tuple[int | None, ...]:
    return tuple(tensor.shape) if tensor.shape.rank is not None else ()
