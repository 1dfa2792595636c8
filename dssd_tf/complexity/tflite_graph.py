"""What a ``.tflite`` file holds, as plain values: tensors, and operators in their order."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from dssd_tf.errors import ModelError

_NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}
_TYPES = {code: name.lower() for name, code in vars(schema.TensorType).items() if name.isupper()}
_BITS = {
    **{"int2": 2, "int4": 4, "uint4": 4, "int8": 8, "uint8": 8, "bool": 8},
    **{"int16": 16, "uint16": 16, "float16": 16, "bfloat16": 16},
    **{"int32": 32, "uint32": 32, "float32": 32, "float8_e4m3fn": 8, "float8_e5m2": 8},
    **{"int64": 64, "uint64": 64, "float64": 64, "complex64": 64, "complex128": 128},
}
# All but the sign, since minus zero is zero.
_MAGNITUDE = {"float16": 0x7FFF, "bfloat16": 0x7FFF, "float32": 0x7FFFFFFF}


@dataclass(frozen=True)
class Tensor:
    """One tensor; `data` are a constant's stored bytes, None for an activation.

    Args:
        scaled: Whether it carries quantization scales.
        state: Whether it keeps its value between runs.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scaled: bool
    state: bool
    data: np.ndarray | None

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Size; types below a byte are packed. 0 for types without a size (strings, handles)."""
        return self._bytes_of(self.elements)

    @property
    def nonzero(self) -> int:
        """Elements of a constant that are not zero."""
        bits = _BITS.get(self.dtype, 0)
        if self.data is None or bits == 0:
            return 0
        if bits < 8:
            values = np.unpackbits(self.data, bitorder="little").reshape(-1, bits)
            return int(np.count_nonzero(np.any(values, axis=1)[: self.elements]))
        if self.dtype in _MAGNITUDE:
            words = self.data.view(f"<u{bits // 8}") & _MAGNITUDE[self.dtype]
            return int(np.count_nonzero(words))
        return int(np.count_nonzero(np.any(self.data.reshape(-1, bits // 8), axis=1)))

    @property
    def nonzero_bytes(self) -> int:
        """Size of the elements that are not zero."""
        return self._bytes_of(self.nonzero)

    def _bytes_of(self, elements: int) -> int:
        return -(-elements * _BITS.get(self.dtype, 0) // 8)


@dataclass(frozen=True)
class Operator:
    """One operator; -1 in `inputs` stands for an optional input that is left out."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    pool: tuple[int, int] | None = None


@dataclass(frozen=True)
class TFLiteGraph:
    """The main subgraph; `inputs` and `outputs` are indices into `tensors`."""

    tensors: list[Tensor] = field(default_factory=list)
    operators: list[Operator] = field(default_factory=list)
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()


def read_tflite(path: Path) -> TFLiteGraph:
    """Read the main subgraph of a ``.tflite`` file.

    Raises:
        ModelError: The file cannot be read, is not a TFLite model, is damaged, or leaves axes
            other than the batch open.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot be read ({error.strerror})", path=path) from error
    if len(content) < 8 or not schema.Model.ModelBufferHasIdentifier(content, 0):
        raise ModelError(
            "is not a TFLite model (no TFL3 identifier)", path=path, fix="convert the model again"
        )
    try:
        return _Reader(path, content).graph()
    except ModelError:
        raise
    except Exception as error:  # a damaged offset shows as any of a dozen types
        reason = str(error) or type(error).__name__
        raise ModelError(
            f"is a damaged TFLite model ({reason})", path=path, fix="convert or copy it again"
        ) from error


class _Reader:
    def __init__(self, path: Path, content: bytes):
        self.path, self.content = path, content
        self.model = schema.Model.GetRootAs(content, 0)

    def graph(self) -> TFLiteGraph:
        if self.model.SubgraphsLength() < 1:
            raise ValueError("no subgraph")
        main = self.model.Subgraphs(0)
        operators = [
            self.operator(main.Operators(i)) for i in range(self.count(main.OperatorsLength()))
        ]
        inputs, outputs = _indices(main.InputsAsNumpy()), _indices(main.OutputsAsNumpy())
        produced = {t for operator in operators for t in operator.outputs} | set(inputs)
        constants = {t for operator in operators for t in operator.inputs} - produced
        tensors = [
            self.tensor(i, main.Tensors(i), constant=i in constants)
            for i in range(self.count(main.TensorsLength()))
        ]
        used = {*inputs, *outputs, *(t for op in operators for t in (*op.inputs, *op.outputs))}
        wrong = [index for index in used if not -1 <= index < len(tensors)]
        if wrong:
            raise ValueError(f"tensor {wrong[0]} of {len(tensors)}")
        return TFLiteGraph(tensors, operators, inputs, outputs)

    def tensor(self, index: int, raw: Any, *, constant: bool) -> Tensor:
        # A slim file names its ends only.
        name = (raw.Name() or b"").decode("utf-8") or f"tensor_{index}"
        shape = _indices(raw.ShapeAsNumpy())
        dtype, quantization = _TYPES[raw.Type()], raw.Quantization()
        if any(size < 0 for size in shape):
            raise ValueError(f"tensor {name!r} has shape {shape}")
        signature = _indices(raw.ShapeSignatureAsNumpy())
        if not constant and any(size < 0 for size in signature[1:]):
            raise ModelError(
                f"tensor {name!r} of shape {signature} leaves axes open",
                path=self.path,
                fix="convert the model with a fixed input shape",
            )
        scaled = quantization is not None and quantization.ScaleLength() > 0
        data = self.buffer(raw.Buffer()) if constant and not raw.IsVariable() else None
        tensor = Tensor(name, shape, dtype, scaled, bool(raw.IsVariable()), data)
        dense = data is not None and raw.Sparsity() is None and dtype in _BITS
        if dense and data is not None and data.size != tensor.bytes:
            raise ValueError(f"constant {name!r} has {data.size} bytes, not {tensor.bytes}")
        return tensor

    def buffer(self, index: int) -> np.ndarray:
        if not 0 <= index < self.model.BuffersLength():
            raise ValueError(f"buffer {index} of {self.model.BuffersLength()}")
        buffer = self.model.Buffers(index)
        if buffer.Offset() > 1:  # files above 2 GB keep the data behind the flatbuffer
            return np.frombuffer(self.content, np.uint8, buffer.Size(), buffer.Offset())
        if buffer.DataLength() == 0:
            return np.zeros(0, np.uint8)
        return np.asarray(buffer.DataAsNumpy(), np.uint8)

    def operator(self, raw: Any) -> Operator:
        code = self.model.OperatorCodes(raw.OpcodeIndex())
        # Files written before the code outgrew a byte hold it in the deprecated field.
        number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        kind = _NAMES.get(number, f"BUILTIN_{number}")
        if kind == "CUSTOM":
            kind = f"CUSTOM {(code.CustomCode() or b'?').decode('utf-8')}"
        pool = None
        if kind in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
            options = schema.Pool2DOptions()
            table = raw.BuiltinOptions()
            options.Init(table.Bytes, table.Pos)
            pool = (options.FilterHeight(), options.FilterWidth())
        return Operator(kind, _indices(raw.InputsAsNumpy()), _indices(raw.OutputsAsNumpy()), pool)

    def count(self, length: int) -> int:
        """A vector's length, refused where the file is too short to hold it."""
        if length * 4 > len(self.content):
            raise ValueError(f"a table of {length} entries")
        return length


def _indices(vector: Any) -> tuple[int, ...]:
    # The generated reader gives 0 for a vector that is left out.
    return () if isinstance(vector, int) else tuple(int(value) for value in vector)
