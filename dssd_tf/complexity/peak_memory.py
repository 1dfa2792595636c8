"""The largest sum of live activations over an order of execution."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class Step(Generic[T]):
    """One layer or operator: the activations it reads and those it writes."""

    name: str
    inputs: tuple[T, ...]
    outputs: tuple[T, ...]


@dataclass(frozen=True)
class Peak(Generic[T]):
    """The peak in bytes, the name of the step that reaches it first, and what is alive then."""

    bytes: int
    at: str | None
    alive: tuple[T, ...]


def peak_memory(
    steps: Sequence[Step[T]], sizes: Mapping[T, int], inputs: Iterable[T], outputs: Iterable[T]
) -> Peak[T]:
    """Find the step at which the live activations take the most memory.

    A tensor lives from the step that writes it (the model's inputs: from the first step) to the
    last step that reads it (the model's outputs: to the end); a step holds its inputs and its
    outputs together, so nothing is computed in place. Tensors that are not in `sizes` (constants)
    do not count.

    Args:
        steps: In the order of execution.
        sizes: Bytes of each activation.
        inputs: The model's inputs.
        outputs: The model's outputs.
    """
    first = dict.fromkeys(inputs, 0)
    last: dict[T, int] = {}
    for index, step in enumerate(steps):
        for tensor in step.outputs:
            first.setdefault(tensor, index)
        for tensor in (*step.inputs, *step.outputs):
            last[tensor] = index
    last.update(dict.fromkeys(outputs, len(steps)))
    peak: Peak[T] = Peak(0, None, ())
    for index, step in enumerate(steps):
        alive = tuple(t for t in first if t in sizes and first[t] <= index <= last.get(t, 0))
        total = sum(sizes[t] for t in alive)
        if total > peak.bytes:
            peak = Peak(total, step.name, tuple(sorted(alive, key=lambda t: -sizes[t])))
    return peak
