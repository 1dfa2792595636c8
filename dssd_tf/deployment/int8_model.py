"""A full-int8 .tflite file as the bundle needs it: shapes, scales, operators."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dssd_tf.errors import ModelError
from dssd_tf.native_log import silenced

_FLOATS = ("float", "bfloat", "complex")


@dataclass(frozen=True)
class QuantizedTensor:
    """An int8 tensor at the model's edge: real value = scale * (stored - zero_point).

    Attributes:
        shape: All axes, the batch of 1 first.
        scale: Real units a step.
        zero_point: The stored value of zero, in [-128, 127].
    """

    shape: tuple[int, ...]
    scale: float
    zero_point: int

    def quantize(self, values: np.ndarray) -> np.ndarray:
        """Stored values (int8) of real ones, rounded half to even and clipped."""
        steps = np.round(values / np.float32(self.scale) + self.zero_point)
        return np.clip(steps, -128, 127).astype(np.int8)


@dataclass(frozen=True)
class Int8Model:
    """A model with one int8 input and one int8 output of batch 1, without a float tensor.

    Attributes:
        operators: The kinds of its operators, each once, sorted.
        nodes: Number of its operators.
        activation_bytes: Sum of all its activations, an upper bound of what any plan needs.
    """

    path: Path
    content: bytes
    input: QuantizedTensor
    output: QuantizedTensor
    operators: tuple[str, ...]
    nodes: int
    activation_bytes: int


def read_int8_model(path: Path | str) -> Int8Model:
    """Read a model for a microcontroller.

    Raises:
        ModelError: The file is missing, no .tflite file, holds a float tensor (the message names
            it), or has other inputs and outputs than one int8 tensor of batch 1 each.
    """
    from dssd_tf.complexity.tflite_graph import read_tflite

    path = Path(path)
    graph = read_tflite(path)
    for index, tensor in enumerate(graph.tensors):
        if tensor.dtype.startswith(_FLOATS):
            raise ModelError(
                f"tensor {tensor.name or index!r} is {tensor.dtype}; a microcontroller gets a "
                "full-int8 model",
                path=path,
                fix="quantize the float model with `dssd quantize`",
            )
    content = path.read_bytes()
    details = _edges(content, path)
    activations = sum(t.bytes for t in graph.tensors if t.data is None)
    kinds = tuple(sorted({operator.kind for operator in graph.operators}))
    return Int8Model(path, content, *details, kinds, len(graph.operators), activations)


def _edges(content: bytes, path: Path) -> tuple[QuantizedTensor, QuantizedTensor]:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    try:
        with silenced():
            interpreter = Interpreter(
                model_content=content,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"is not a readable .tflite model ({error})", path=path) from error
    first = _edge(interpreter.get_input_details(), "input", path)
    return first, _edge(interpreter.get_output_details(), "output", path)


def _edge(details: list[dict[str, Any]], side: str, path: Path) -> QuantizedTensor:
    if len(details) != 1:
        raise ModelError(f"has {len(details)} {side}s; the bundle is for one", path=path)
    (tensor,) = details
    shape = tuple(int(size) for size in tensor["shape"])
    if tensor["dtype"] != np.int8 or not shape or shape[0] != 1:
        raise ModelError(
            f"its {side} is {np.dtype(tensor['dtype']).name} of shape {shape}, not int8 of batch 1",
            path=path,
            fix="quantize the float model with `dssd quantize`",
        )
    scale, zero_point = tensor["quantization"]
    return QuantizedTensor(shape, float(scale), int(zero_point))
