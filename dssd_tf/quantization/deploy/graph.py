"""The graph between a trained model and its deploy form: steps that are changed freely."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


@dataclass(eq=False)
class Step:
    """One layer to be and what it reads; a step without a layer is the model's input.

    Args:
        kind: Class of the layer; None for the input.
        config: Keyword arguments of the layer, but its name.
        inputs: The steps it reads, in order.
        weights: Its weights in the layer's order.
        name: Wanted name of the layer.
        shape: Shape of what it gives, with the batch axis; other axes may be None.
    """

    kind: type[keras.layers.Layer] | None
    config: dict[str, Any] = field(default_factory=dict)
    inputs: tuple["Step", ...] = ()
    weights: tuple[Array, ...] = ()
    name: str = ""
    shape: tuple[int | None, ...] = ()

    def __post_init__(self) -> None:
        if self.kind is not None:
            shapes = [step.shape for step in self.inputs]
            layer = self.kind(**self.config)
            self.shape = tuple(
                layer.compute_output_shape(shapes[0] if len(shapes) == 1 else shapes)
            )

    @property
    def channels(self) -> int:
        """Size of the last axis."""
        channels = self.shape[-1]
        assert channels is not None
        return channels


def order(output: Step) -> list[Step]:
    """The steps that `output` needs and itself, each after what it reads."""
    found: dict[int, Step] = {}
    waiting: list[tuple[Step, bool]] = [(output, False)]
    while waiting:
        step, ready = waiting.pop()
        if id(step) in found:
            continue
        if ready:
            found[id(step)] = step
            continue
        waiting.append((step, True))
        waiting.extend((source, False) for source in reversed(step.inputs))
    return list(found.values())


def readers(output: Step) -> dict[int, list[Step]]:
    """By `id` of a step, the steps that read it, once for each time they do."""
    found: dict[int, list[Step]] = {}
    for step in order(output):
        for source in step.inputs:
            found.setdefault(id(source), []).append(step)
    return found


def rewrite(output: Step, change: Callable[[Step, dict[int, list[Step]]], Step | None]) -> Step:
    """Apply `change` until it changes nothing more.

    Args:
        output: The graph.
        change: Gets a step and the readers; gives what is to stand in its place, or None.
    """
    while True:
        known = readers(output)
        steps = order(output)
        for step in steps:
            instead = change(step, known)
            if instead is not None:
                output = replace(output, step, instead, known.get(id(step), ()))
                break
        else:
            return output


def replace(output: Step, old: Step, new: Step, old_readers: Iterable[Step]) -> Step:
    """The graph with `new` in the place of `old`, but not for what `new` itself is made of."""
    own = {id(step) for step in order(new)}
    for reader in old_readers:
        if id(reader) not in own:
            reader.inputs = tuple(new if source is old else source for source in reader.inputs)
    return new if output is old else output


def build(output: Step, name: str) -> keras.Model:
    """The functional model of the graph; names of layers depend on the graph alone."""
    tensors: dict[int, Any] = {}
    taken: dict[str, int] = {}
    source = None
    for step in order(output):
        if step.kind is None:
            source = tensors[id(step)] = keras.Input(batch_shape=step.shape, name=step.name)
            taken[step.name] = 1
            continue
        wanted = step.name or keras.src.utils.naming.to_snake_case(step.kind.__name__)
        taken[wanted] = taken.get(wanted, 0) + 1
        suffix = f"_{taken[wanted]}" if taken[wanted] > 1 else ""
        layer = step.kind(**step.config, name=wanted + suffix)
        read = [tensors[id(item)] for item in step.inputs]
        tensors[id(step)] = layer(read[0] if len(read) == 1 else read)
        if step.weights:
            layer.set_weights([np.asarray(weight, "float32") for weight in step.weights])
    return keras.Model(source, tensors[id(output)], name=name)
