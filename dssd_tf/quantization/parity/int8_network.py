"""The int8 side: the tensors that the operators of a .tflite file give."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from dssd_tf.errors import ModelError
from dssd_tf.native_log import silenced
from dssd_tf.quantization.flatbuffer import code_of

_KINDS = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}

INPUT = "input"
"""Kind of the tensor that no operator gives."""


@dataclass(frozen=True)
class Int8Tensor:
    """One quantized tensor that the network computes.

    Args:
        index: Its number in the file.
        operator: Kind of the operator that gives it.
        shape: Without the batch axis and axes of size 1.
        inputs: Positions of the tensors, in this list, that the operator reads.
        weighted: Whether the operator reads quantized constants.
        scale: Real value of one step.
        zero_point: The integer that stands for 0.
        limits: Least and greatest integer of its type.
    """

    index: int
    operator: str
    shape: tuple[int, ...]
    inputs: tuple[int, ...]
    weighted: bool
    scale: float
    zero_point: int
    limits: tuple[int, int]

    def real(self, raw: NDArray[Any]) -> NDArray[np.float64]:
        """The values that the integers stand for."""
        return (raw.astype(np.float64) - self.zero_point) * self.scale

    def saturated(self, raw: NDArray[Any]) -> int:
        """How many values lie at an end of the range, but where that end stands for 0."""
        return sum(
            int(np.count_nonzero(raw == limit)) for limit in self.limits if limit != self.zero_point
        )

    def clipped(self, expected: NDArray[Any]) -> int:
        """How many real values lie outside the range by more than half a step."""
        low, high = ((limit - self.zero_point) * self.scale for limit in self.limits)
        outside = (expected < low - self.scale / 2) | (expected > high + self.scale / 2)
        return int(np.count_nonzero(outside))


class Int8Network:
    """A .tflite file whose tensors can all be looked into.

    The operators run on LiteRT's built-in kernels without a delegate, since a delegate keeps
    its inner tensors to itself.

    Args:
        content: The flatbuffer.

    Raises:
        ModelError: It cannot be read, or its input is not quantized.
    """

    def __init__(self, content: bytes):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        try:
            with silenced():
                self._interpreter = Interpreter(
                    model_content=content,
                    experimental_preserve_all_tensors=True,
                    experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
                )
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"the int8 model is no readable .tflite file ({error})") from error
        details = {item["index"]: item for item in self._interpreter.get_tensor_details()}
        self._source = self._interpreter.get_input_details()[0]
        if not _is_quantized(self._source):
            raise ModelError(
                f"the input of the .tflite file is {self._source['dtype'].__name__}, not int8",
                fix="give a full-int8 model",
            )
        self.input_shape = tuple(int(size) for size in self._source["shape"][1:])
        self.tensors = _tensors(content, details, self._source["index"])

    def run(self, clip: NDArray[np.float32]) -> list[NDArray[Any]]:
        """The integers of each tensor for a clip (time, frequency, channels), flat, in order."""
        source = self.tensors[0]
        raw = np.clip(np.round(clip / source.scale + source.zero_point), *source.limits)
        self._interpreter.set_tensor(self._source["index"], raw[None].astype(self._source["dtype"]))
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(t.index).reshape(-1) for t in self.tensors]


def _tensors(content: bytes, details: dict[int, Any], source: int) -> list[Int8Tensor]:
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    main = model.subgraphs[0]
    found = [_tensor(details[source], INPUT, (), False)]
    places = {source: 0}
    for operator in main.operators:
        number = code_of(model, operator)
        read = [int(index) for index in operator.inputs if index >= 0]
        constants = [main.tensors[i] for i in read if i not in places and _has_data(model, main, i)]
        weighted = any(_has_scale(tensor) for tensor in constants)
        inputs = tuple(places[index] for index in read if index in places)
        for index in map(int, operator.outputs):
            if _is_quantized(details[index]):
                places[index] = len(found)
                kind = _KINDS.get(number, f"BUILTIN_{number}")
                found.append(_tensor(details[index], kind, inputs, weighted))
    return found


def _tensor(detail: Any, operator: str, inputs: tuple[int, ...], weighted: bool) -> Int8Tensor:
    scale, zero_point = detail["quantization"]
    limits = np.iinfo(detail["dtype"])
    return Int8Tensor(
        index=int(detail["index"]),
        operator=operator,
        shape=tuple(int(size) for size in detail["shape"][1:] if size != 1),
        inputs=inputs,
        weighted=weighted,
        scale=float(scale),
        zero_point=int(zero_point),
        limits=(int(limits.min), int(limits.max)),
    )


def _is_quantized(detail: Any) -> bool:
    return np.issubdtype(detail["dtype"], np.integer) and detail["quantization"][0] > 0


def _has_data(model: Any, main: Any, index: int) -> bool:
    data = model.buffers[main.tensors[index].buffer].data
    return data is not None and len(data) > 0


def _has_scale(tensor: Any) -> bool:
    return tensor.quantization is not None and tensor.quantization.scale is not None
