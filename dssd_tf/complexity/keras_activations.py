"""Activation memory of a traced Keras model, layer by layer."""

from dataclasses import dataclass, field
from typing import Any

from dssd_tf.complexity.complexity import LiveTensor
from dssd_tf.complexity.keras_trace import Trace
from dssd_tf.complexity.peak_memory import Peak, Step, peak_memory

VIEWS = frozenset({"Identity", "Reshape", "Squeeze", "ExpandDims", "StopGradient"})
"""Graph operations whose output shares the memory of their first input."""


@dataclass
class Activations:
    """The activations between the steps of a traced model, and where they take most memory.

    Args:
        tensors: Graph tensors by their name in the graph.
        labels: The layer, or layer and operation, that writes each.
        peak: None if the shape of an activation is not known.
    """

    tensors: dict[str, Any]
    labels: dict[str, str]
    peak: Peak[str] | None

    def live(self) -> tuple[LiveTensor, ...]:
        """Rows of the tensors that are alive at the peak."""
        return tuple(
            LiveTensor(self.labels[name], tuple(self.tensors[name].shape), self.size(name))
            for name in (self.peak.alive if self.peak else ())
        )

    def dtypes(self) -> tuple[str, ...]:
        """Data types, sorted."""
        return tuple(sorted({tensor.dtype.name for tensor in self.tensors.values()}))

    def size(self, name: str) -> int:
        """Bytes of a tensor whose shape is known."""
        tensor = self.tensors[name]
        return int(tensor.shape.num_elements()) * int(tensor.dtype.size)


@dataclass
class _Group:
    """The graph operations of one leaf layer's call, or a single operation between them."""

    key: int
    label: str
    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)


def activations(trace: Trace) -> Activations:
    """Find the activations of a traced model and their peak.

    A leaf layer is one step: what it computes within itself does not count. Operations between
    the leaf layers (a sum, a slice) are steps of their own. Views share their input's memory.
    """
    root = {tensor.name: tensor.name for tensor in trace.inputs}
    tensors = {tensor.name: tensor for tensor in trace.inputs}
    labels = {tensor.name: "input" for tensor in trace.inputs}
    groups: list[_Group] = []
    keys = _keys(trace)
    for index, operation in enumerate(trace.graph.get_operations()):
        reads = [root[tensor.name] for tensor in operation.inputs if tensor.name in root]
        if not reads or not operation.outputs:
            continue  # a constant, a weight, or an assertion
        if operation.type in VIEWS:
            root[operation.outputs[0].name] = reads[0]
            continue
        key, path, leaf = keys[index]
        label = path if leaf else f"{path}: {operation.type}"
        if not groups or groups[-1].key != key:
            groups.append(_Group(key, label))
        groups[-1].reads.extend(reads)
        for tensor in operation.outputs:
            root[tensor.name], tensors[tensor.name] = tensor.name, tensor
            labels[tensor.name] = label
            groups[-1].writes.append(tensor.name)
    outputs = {root[tensor.name] for tensor in trace.outputs if tensor.name in root}
    inputs = [tensor.name for tensor in trace.inputs]
    steps = _steps(groups, outputs)
    seen = {*inputs, *(name for step in steps for name in step.outputs)}
    found = Activations({name: tensors[name] for name in seen}, labels, None)
    if all(tensor.shape.is_fully_defined() for tensor in found.tensors.values()):
        sizes = {name: found.size(name) for name in seen}
        found.peak = peak_memory(steps, sizes, inputs, outputs)
    return found


def _keys(trace: Trace) -> dict[int, tuple[int, str, bool]]:
    """For each operation: its group, and the path of the innermost call and whether it is a leaf.

    The operations of a leaf share the group that its call's first operation names.
    """
    keys = {}
    for call in sorted(trace.calls, key=lambda call: call.depth):
        for index in range(call.start, call.stop):
            keys[index] = (call.start if call.leaf else index, call.path, call.leaf)
    for index, operation in enumerate(trace.graph.get_operations()):
        keys.setdefault(index, (index, operation.name, False))
    return keys


def _steps(groups: list[_Group], outputs: set[str]) -> list[Step[str]]:
    """Steps with only the tensors that pass from one group to another or out of the model."""
    readers: dict[str, set[int]] = {}
    for index, group in enumerate(groups):
        for name in group.reads:
            readers.setdefault(name, set()).add(index)
    return [
        Step(
            group.label,
            tuple(dict.fromkeys(name for name in group.reads if name not in group.writes)),
            tuple(
                name
                for name in group.writes
                if name in outputs or readers.get(name, set()) - {index}
            ),
        )
        for index, group in enumerate(groups)
    ]
