"""The forms in which a run's network may exist, each called a system."""

from collections.abc import Iterable
from pathlib import Path

SYSTEMS = ("float", "float16", "int8")
"""In the order of deployment: of those there are, the last is what is submitted and judged."""


def deployed_system(present: Iterable[str]) -> str:
    """The one of `present` systems that is deployed.

    Raises:
        ValueError: There is none.
    """
    return max(present, key=SYSTEMS.index)


def system_of(path: Path) -> str:
    """Which system a `.keras` or `.tflite` file is.

    A file that cannot be read counts as what its name says: ``int8`` for a `.tflite`.
    """
    if path.suffix != ".tflite":
        return "float"
    from ai_edge_litert import schema_py_generated as schema

    try:
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
        (graph, *_) = model.subgraphs
        first = graph.tensors[graph.inputs[0]].type
        types = {tensor.type for tensor in graph.tensors}
    except Exception:  # whoever opens it tells what is wrong with it
        return "int8"
    if first != schema.TensorType.FLOAT32:
        return "int8"
    return "float16" if schema.TensorType.FLOAT16 in types else "float"
