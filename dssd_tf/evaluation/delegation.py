"""Which part of a .tflite model XNNPACK runs."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dssd_tf.evaluation.predictor import open_interpreter

_DELEGATE = "DELEGATE"


@dataclass(frozen=True)
class Delegation:
    """How XNNPACK divides a model's main subgraph.

    Args:
        partitions: Connected pieces that it runs; one is best, since each end of a piece is a
            hand-over.
        operators: Operators of the model.
        outside: Operators that LiteRT's own kernels run, counted by kind.
    """

    partitions: int
    operators: int
    outside: dict[str, int] = field(default_factory=dict)


def xnnpack_delegation(content: bytes, *, name: Path | str = "model") -> Delegation:
    """Read from an interpreter how XNNPACK, at its default settings, divides a flatbuffer.

    Once tensors are allocated the interpreter lists a node a partition behind the model's own
    operators. It does not tell which of these a partition stands for, so the ones outside are
    found from the outputs backwards: what a partition gives is run by it, what none gives is run
    by the operator itself. An operator that adds to no output is not counted as outside.

    Args:
        content: The flatbuffer.
        name: What to call the model in errors.

    Raises:
        ModelError: The flatbuffer cannot be read.
    """
    interpreter = open_interpreter(content, name=name)
    # Private, but the only place where LiteRT's Python tells the nodes that it runs.
    nodes = interpreter._get_ops_details()
    partitions = [node for node in nodes if node["op_name"] == _DELEGATE]
    operators = [node for node in nodes if node["op_name"] != _DELEGATE]
    makers = {int(t): node for node in (*operators, *partitions) for t in node["outputs"]}
    waiting = [int(details["index"]) for details in interpreter.get_output_details()]
    reached = {}
    while waiting:
        node = makers.get(waiting.pop())
        if node is not None and node["index"] not in reached:
            reached[node["index"]] = node
            waiting += [int(tensor) for tensor in node["inputs"]]
    outside = Counter(n["op_name"] for n in reached.values() if n["op_name"] != _DELEGATE)
    return Delegation(len(partitions), len(operators), dict(sorted(outside.items())))
