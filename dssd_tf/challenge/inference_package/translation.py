"""From a .tflite file to the graph and the weights that the torch twin is built from."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dssd_tf.challenge.inference_package.tflite_reading import Network, Operator, Untranslatable
from dssd_tf.challenge.inference_package.translation_rules import (
    BINARY,
    RENAMED,
    RULES,
    padding,
)

_CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
_ACTIVATION_TYPES = ("int8", "uint8", "float32")
_FUSED = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")


@dataclass(frozen=True)
class TwinFiles:
    """What the twin of one model is built from.

    Attributes:
        graph: JSON: ``input`` and ``output``, numbers of tensors; ``tensors`` with shape, dtype,
            scale and zero_point; ``operators`` in their order, each with kind, inputs, output,
            options and the tensors that nobody reads after it (``last_use``), and, if it holds
            weights, ``weight`` and ``bias``.
        arrays: ``weight_N`` of the constant tensor N in torch's layout, and ``scale_N`` of
            quantized kernels.
    """

    graph: dict[str, Any]
    arrays: dict[str, np.ndarray]


def translate(content: bytes) -> TwinFiles:
    """The twin of a .tflite flatbuffer.

    Raises:
        Untranslatable: It holds something that the twin does not know.
    """
    try:
        return _Translation(Network(content)).files()
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise Untranslatable(f"a structure the translation does not know: {error!r}") from error


class _Translation:
    def __init__(self, network: Network):
        self.network = network
        self.arrays: dict[str, np.ndarray] = {}

    def files(self) -> TwinFiles:
        network = self.network
        steps = [
            self.step(operator)
            for operator in network.operators
            if not (operator.kind == "DEQUANTIZE" and self.constant(operator.inputs[0]))
        ]
        expanded = [step for group in steps for step in group]
        _mark_last_uses(expanded, network.output)
        graph = {
            "input": network.input,
            "output": network.output,
            "tensors": [self.tensor(index) for index in range(network.tensors)],
            "operators": expanded,
        }
        return TwinFiles(graph, self.arrays)

    def constant(self, index: int) -> bool:
        return index >= 0 and self.network.constant(index) is not None

    def tensor(self, index: int) -> dict[str, Any]:
        scales, dtype = self.network.scales(index), self.network.dtype(index)
        single = scales is not None and scales.size == 1 and dtype in ("int8", "uint8")
        return {
            "shape": list(self.network.shape(index)),
            "dtype": dtype,
            "scale": float(scales[0]) if scales is not None and single else None,
            "zero_point": int(self.network.zero_points(index)[0]) if single else 0,
        }

    def step(self, operator: Operator) -> list[dict[str, Any]]:
        """The twin's operators for one of the file's."""
        if operator.activation not in _FUSED:
            raise Untranslatable(f"{operator.kind} with {operator.activation}")
        for index in (operator.inputs[0], *operator.outputs):
            self.require_known(index, operator)
        if operator.kind in _CONVOLUTIONS:
            return [self.convolution(operator)]
        if operator.kind == "FULLY_CONNECTED":
            return [self.dense(operator)]
        if operator.kind == "SPLIT":
            return self.split(operator)
        constants = [place for place in (0, 1) if self.is_operand(operator, place)]
        if operator.kind in (*BINARY, "PRELU") and len(constants) == 1:
            return [self.with_constant(operator, constants[0])]
        if operator.kind not in RULES:
            raise Untranslatable(operator.kind)
        if len(operator.outputs) != 1:
            raise Untranslatable(f"{operator.kind} with several outputs")
        options = RULES[operator.kind](self.network, operator)
        several = operator.kind in (*BINARY, "CONCATENATION")
        inputs = operator.inputs if several else operator.inputs[:1]
        for index in inputs:
            self.require_known(index, operator)
            if self.constant(index):
                raise Untranslatable(f"{operator.kind} of a constant")
        kind = RENAMED.get(operator.kind, operator.kind)
        return [_step(kind, inputs, operator.outputs[0], options)]

    def require_known(self, index: int, operator: Operator) -> None:
        dtype = self.network.dtype(index)
        if not self.constant(index) and dtype not in _ACTIVATION_TYPES:
            raise Untranslatable(f"{operator.kind} of {dtype}")
        quantized = dtype in ("int8", "uint8")
        scales = self.network.scales(index)
        if not self.constant(index) and quantized and (scales is None or scales.size != 1):
            raise Untranslatable(f"{operator.kind} of {dtype} without one scale")

    def is_operand(self, operator: Operator, place: int) -> bool:
        return place < len(operator.inputs) and self.constant(operator.inputs[place])

    def convolution(self, operator: Operator) -> dict[str, Any]:
        weights = self.kernel(operator)
        # TFLite has (out, height, width, in), depthwise (1, height, width, out).
        depthwise = operator.kind == "DEPTHWISE_CONV_2D"
        moved = weights.transpose(3, 0, 1, 2) if depthwise else weights.transpose(0, 3, 1, 2)
        size = [int(weights.shape[1]), int(weights.shape[2])]
        dilation = [
            int(operator.option("dilationHFactor", 1)),
            int(operator.option("dilationWFactor", 1)),
        ]
        channels = self.network.shape(operator.inputs[0])[-1]
        options = {
            "stride": [int(operator.option("strideH", 1)), int(operator.option("strideW", 1))],
            "dilation": dilation,
            "padding": padding(self.network, operator, size, dilation),
            "groups": channels if depthwise else channels // int(weights.shape[3]),
            "activation": operator.activation,
        }
        return self.weighted(operator, moved, options)

    def dense(self, operator: Operator) -> dict[str, Any]:
        options = {
            "activation": operator.activation,
            "shape": list(self.network.shape(operator.outputs[0])),
        }
        return self.weighted(operator, self.kernel(operator), options)

    def kernel(self, operator: Operator) -> np.ndarray:
        index = operator.inputs[1]
        weights = self.network.constant(index)
        if weights is None:
            raise Untranslatable(f"{operator.kind} with computed weights")
        if self.network.zero_points(index).any():
            raise Untranslatable(f"{operator.kind} with weights off zero")
        return weights

    def weighted(
        self, operator: Operator, weights: np.ndarray, options: dict[str, Any]
    ) -> dict[str, Any]:
        weight = self.network.source(operator.inputs[1])
        scales = self.network.scales(weight)
        if (scales is None) != (self.network.dtype(operator.inputs[0]) == "float32"):
            raise Untranslatable(f"{operator.kind} of mixed types")
        self.keep(weight, weights, operator)
        if scales is not None:
            self.arrays[f"scale_{weight}"] = scales
        bias = operator.inputs[2] if len(operator.inputs) > 2 else -1
        values = self.network.constant(bias) if bias >= 0 else None
        if bias >= 0:
            if values is None:
                raise Untranslatable(f"{operator.kind} with a computed bias")
            bias = self.network.source(bias)
            self.keep(bias, values, operator)
        step = _step(operator.kind, operator.inputs[:1], operator.outputs[0], options)
        return {**step, "weight": weight, "bias": bias if bias >= 0 else None}

    def with_constant(self, operator: Operator, place: int) -> dict[str, Any]:
        index = self.network.source(operator.inputs[place])
        values, scales = self.network.constant(index), self.network.scales(index)
        if values is None or (scales is not None and scales.size != 1):
            raise Untranslatable(f"{operator.kind} with a constant of several scales")
        self.require_known(operator.inputs[1 - place], operator)
        self.keep(index, values, operator)
        options = {
            "kind": operator.kind,
            "constant_first": place == 0,
            "activation": operator.activation,
        }
        step = _step("CONSTANT", [operator.inputs[1 - place]], operator.outputs[0], options)
        return {**step, "weight": index}

    def split(self, operator: Operator) -> list[dict[str, Any]]:
        (axis,) = self.network.constant(operator.inputs[0]).ravel()  # type: ignore[union-attr]
        source, steps, start = operator.inputs[1], [], 0
        whole = self.network.shape(source)
        for output in operator.outputs:
            begin, end = [0] * len(whole), list(whole)
            begin[axis], end[axis] = start, start + self.network.shape(output)[axis]
            start = end[axis]
            options = {"begin": begin, "end": end, "strides": [1] * len(whole)}
            steps.append(_step("SLICE", [source], output, options))
        return steps

    def keep(self, index: int, values: np.ndarray, operator: Operator) -> None:
        name, kept = f"weight_{index}", np.array(values)
        if name in self.arrays and not np.array_equal(self.arrays[name], kept):
            raise Untranslatable(f"{operator.kind} that shares its weights with another kind")
        self.arrays[name] = kept


def _step(kind: str, inputs: list[int], output: int, options: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "inputs": list(inputs), "output": output, "options": options}


def _mark_last_uses(steps: list[dict[str, Any]], output: int) -> None:
    unseen = {output}
    for step in reversed(steps):
        read = dict.fromkeys(step["inputs"])
        step["last_use"] = [index for index in read if index not in unseen]
        unseen.update(read)
