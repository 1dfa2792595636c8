"""Writing a .tflite flatbuffer in which equal parts stand once."""

import functools
from typing import Any

import flatbuffers
import numpy as np

_IDENTIFIER = b"TFL3"
_ALIGNMENT = 16
"""Of kernels, as the format's schema has it for all constants."""

_LARGE = 256
"""Bytes from which that is worth the gaps; less has the four bytes that its type needs."""


def pack(model: Any) -> bytes:
    """The bytes of a `ModelT`, one copy of each vector, string, scale table and options table."""
    builder = _SharingBuilder(1024)
    items = [tensor.quantization for graph in model.subgraphs for tensor in graph.tensors]
    items += [o.builtinOptions for graph in model.subgraphs for o in graph.operators]
    shared = list({id(item): item for item in items if item is not None}.values())
    tables: dict[Any, int] = {}
    for item in shared:
        _once(item, tables)
    try:
        builder.Finish(model.Pack(builder), file_identifier=_IDENTIFIER)
    finally:
        for item in shared:
            del item.Pack
    return bytes(builder.Output())


def code_of(model: Any, operator: Any) -> int:
    """The `BuiltinOperator` of an operator."""
    code = model.operatorCodes[operator.opcodeIndex]
    # Files written before the code outgrew a byte hold it in the deprecated field.
    return int(max(code.builtinCode, code.deprecatedBuiltinCode))


def content_key(item: Any) -> Any:
    """What two objects of the flatbuffer's object interface share if and only if they are equal."""
    if isinstance(item, np.ndarray):
        return item.dtype.str, item.shape, item.tobytes()
    if isinstance(item, list):
        return tuple(content_key(entry) for entry in item)
    if hasattr(item, "__dict__"):
        fields = tuple((name, content_key(value)) for name, value in vars(item).items())
        return type(item).__name__, fields
    return item


def _once(item: Any, tables: dict[Any, int]) -> None:
    """Let equal tables be written by the first of them."""
    key, write = content_key(item), item.Pack

    @functools.wraps(write)
    def written(builder: flatbuffers.Builder) -> int:
        if key not in tables:
            tables[key] = write(builder)
        return tables[key]

    item.Pack = written


class _SharingBuilder(flatbuffers.Builder):
    """Writes equal vectors and strings once, as the format allows."""

    def __init__(self, size: int):
        super().__init__(size)
        self._written: dict[tuple[Any, ...], int] = {}

    def CreateNumpyVector(self, x: np.ndarray) -> int:
        """Write a vector, or give the place of its equal."""
        key = (x.dtype.str, x.tobytes())
        if key not in self._written:
            # Constants come as bytes, which the generated writer aligns to their length's four.
            if x.dtype == np.uint8 and x.size >= _LARGE:
                self.Prep(_ALIGNMENT, x.size)
            self._written[key] = super().CreateNumpyVector(x)
        return self._written[key]

    def CreateString(self, s: Any, *args: Any) -> int:
        """Write a string, or give the place of its equal."""
        key = ("string", s)
        if key not in self._written:
            self._written[key] = super().CreateString(s, *args)
        return self._written[key]
