"""What the translation reads of a .tflite flatbuffer: tensors, constants, options by name."""

import math
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

_KINDS = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}
_TYPES = {code: name.lower() for name, code in vars(schema.TensorType).items() if name.isupper()}
_ACTIVATIONS = {
    code: name for name, code in vars(schema.ActivationFunctionType).items() if name.isupper()
}


class Untranslatable(Exception):
    """What the twin does not know, in a few words."""


class Network:
    """The main subgraph of a .tflite file.

    Args:
        content: The flatbuffer.

    Raises:
        Untranslatable: There are several subgraphs, inputs or outputs.
    """

    def __init__(self, content: bytes):
        self._model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
        if len(self._model.subgraphs) != 1:
            raise Untranslatable("control flow")
        self._graph = self._model.subgraphs[0]
        if len(self._graph.inputs) != 1 or len(self._graph.outputs) != 1:
            raise Untranslatable("several inputs or outputs")
        self.input, self.output = int(self._graph.inputs[0]), int(self._graph.outputs[0])
        self.operators = [Operator(self, raw) for raw in self._graph.operators]
        self._unpacked = {
            operator.outputs[0]: operator.inputs[0]
            for operator in self.operators
            if operator.kind == "DEQUANTIZE" and self._stored(operator.inputs[0]) is not None
        }

    @property
    def tensors(self) -> int:
        """Number of tensors."""
        return len(self._graph.tensors)

    def kind_of(self, operator: Any) -> str:
        """TFLite's name of an operator."""
        code = self._model.operatorCodes[operator.opcodeIndex]
        # Files written before the code outgrew a byte hold it in the deprecated field.
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        return _KINDS.get(number, f"operator {number}")

    def source(self, index: int) -> int:
        """The constant that an operator reads: 16-bit weights stand before a DEQUANTIZE."""
        return self._unpacked.get(index, index)

    def shape(self, index: int) -> tuple[int, ...]:
        """All axes of a tensor."""
        shape = self._graph.tensors[index].shape
        return () if shape is None else tuple(int(size) for size in shape)

    def dtype(self, index: int) -> str:
        """A tensor's type, as NumPy names it."""
        return _TYPES[self._graph.tensors[index].type]

    def constant(self, index: int) -> np.ndarray | None:
        """The values of a constant in its shape; None of an activation.

        Raises:
            Untranslatable: They are stored sparse, or in a type that NumPy does not have.
        """
        return self._stored(self.source(index))

    def scales(self, index: int) -> np.ndarray | None:
        """The scales of a tensor, (1,) or one a channel; None if it has none."""
        quantization = self._graph.tensors[self.source(index)].quantization
        if quantization is None or quantization.scale is None or len(quantization.scale) == 0:
            return None
        return np.array(quantization.scale, np.float32)

    def zero_points(self, index: int) -> np.ndarray:
        """The zero points of a tensor, as many as scales, or (1,)."""
        quantization = self._graph.tensors[self.source(index)].quantization
        if quantization is None or quantization.zeroPoint is None:
            return np.zeros(1, np.int64)
        return np.array(quantization.zeroPoint, np.int64)

    def _stored(self, index: int) -> np.ndarray | None:
        tensor = self._graph.tensors[index]
        data = self._model.buffers[tensor.buffer].data
        if data is None or len(data) == 0:
            return None
        if tensor.sparsity is not None:
            raise Untranslatable("sparse weights")
        try:
            values = np.frombuffer(np.asarray(data, np.uint8).tobytes(), self.dtype(index))
        except TypeError as error:
            raise Untranslatable(f"{self.dtype(index)} weights") from error
        if values.size != math.prod(self.shape(index)):
            raise Untranslatable("a constant of another size than its shape")
        return values.reshape(self.shape(index))


class Operator:
    """One operator; -1 in `inputs` stands for an input that is left out."""

    def __init__(self, network: Network, raw: Any):
        self.kind = network.kind_of(raw)
        self.inputs = [int(index) for index in raw.inputs]
        self.outputs = [int(index) for index in raw.outputs]
        self._options = raw.builtinOptions

    def option(self, name: str, default: Any = 0) -> Any:
        """An option by the schema's name; files leave out those at their default."""
        return default if self._options is None else getattr(self._options, name, default)

    @property
    def activation(self) -> str:
        """TFLite's name of the fused activation."""
        return _ACTIVATIONS[int(self.option("fusedActivationFunction"))]

    @property
    def same_padding(self) -> bool:
        """Whether edges are padded so that a stride of 1 keeps the size."""
        return int(self.option("padding")) == int(schema.Padding.SAME)
