"""From a functional Keras model to the graph, a rule a layer."""

from typing import Any

import keras

from dssd_tf.errors import ModelError
from dssd_tf.quantization.deploy import primitives as p
from dssd_tf.quantization.deploy.graph import Step
from dssd_tf.quantization.deploy.keras_rules import FUNCTIONS, OPERATIONS
from dssd_tf.quantization.deploy.keras_rules import RULES as KERAS_RULES
from dssd_tf.quantization.deploy.operator_rules import RULES as OPERATOR_RULES

RULES = {**KERAS_RULES, **OPERATOR_RULES}

KERAS_LAYERS = sorted(kind.__name__ for kind in KERAS_RULES if kind.__module__.startswith("keras."))
"""Keras's own layers that have a deploy form."""


def translate(model: keras.Model) -> Step:
    """The graph of a functional model with one input and one output.

    Raises:
        ModelError: There is no rule for a layer; the message names it.
    """
    source = model.inputs[0]
    # Keras's own names of inputs count up within a process; the graph's must not.
    return _through(model, Step(None, name="features", shape=tuple(source.shape)))


def _through(model: keras.Model, x: Any) -> Any:
    # The only way to the model's calls, in order, that Keras offers; `clone_model` runs on it.
    return model._run_through_graph(x, operation_fn=_called)


def _called(operation: Any) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        return _translate(operation, args, kwargs)

    return call


def _translate(operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    kind = type(operation)
    if kind is keras.Sequential:
        operation = operation._functional
        kind = type(operation)
    if isinstance(operation, keras.src.models.functional.Functional):
        return _through(operation, *args)
    inputs = args[0] if len(args) == 1 and isinstance(args[0], list | tuple) else args
    steps = all(isinstance(item, Step) for item in inputs) and inputs
    if isinstance(operation, keras.src.layers.merging.base_merge.Merge) and len(inputs) == 1:
        return inputs[0]  # a sum, product or row of one
    if kind in RULES and steps:
        return RULES[kind](operation, operation.name, *inputs)
    if not isinstance(operation, keras.layers.Layer) and steps and not any(kwargs.values()):
        if kind.__name__ in OPERATIONS and len(inputs) == 2:
            return Step(OPERATIONS[kind.__name__], {}, tuple(inputs), name=operation.name)
        if kind.__name__ in FUNCTIONS and len(inputs) == 1:
            return p.activation(inputs[0], FUNCTIONS[kind.__name__], operation.name)
    raise ModelError(
        f"layer {operation.name!r} ({kind.__name__}) has no deploy form",
        fix="build the model from this package's layers and these of Keras: "
        + ", ".join(KERAS_LAYERS),
    )
