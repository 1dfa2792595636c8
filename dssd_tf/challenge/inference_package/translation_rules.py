"""The options of each operator, as the twin's functions and layers take them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dssd_tf.challenge.inference_package.tflite_reading import Network, Operator, Untranslatable

Rule = Callable[[Network, Operator], dict[str, Any]]


def integers(network: Network, operator: Operator, place: int) -> list[int]:
    """The constant input at a place, flat.

    Raises:
        Untranslatable: It is computed.
    """
    values = network.constant(operator.inputs[place])
    if values is None:
        raise Untranslatable(f"{operator.kind} with computed arguments")
    return [int(value) for value in values.ravel()]


def padding(
    network: Network, operator: Operator, size: list[int], dilation: list[int]
) -> list[int]:
    """(top, bottom, left, right) of a window of `size` (height, width)."""
    around: list[int] = []
    strides = [int(operator.option("strideH", 1)), int(operator.option("strideW", 1))]
    for axis in (0, 1):
        given = network.shape(operator.inputs[0])[1 + axis]
        made = network.shape(operator.outputs[0])[1 + axis]
        reach = (made - 1) * strides[axis] + (size[axis] - 1) * dilation[axis] + 1
        total = max(reach - given, 0) if operator.same_padding else 0
        around += [total // 2, total - total // 2]
    return around


def _activated(network: Network, operator: Operator) -> dict[str, Any]:
    return {"activation": operator.activation}


def _none(network: Network, operator: Operator) -> dict[str, Any]:
    return {}


def _pool(network: Network, operator: Operator) -> dict[str, Any]:
    size = [int(operator.option("filterHeight")), int(operator.option("filterWidth"))]
    if operator.kind == "MAX_POOL_2D" and operator.activation != "NONE":
        raise Untranslatable("MAX_POOL_2D with an activation")
    return {
        "filter": size,
        "stride": [int(operator.option("strideH", 1)), int(operator.option("strideW", 1))],
        "padding": padding(network, operator, size, [1, 1]),
        "activation": operator.activation,
    }


def _reduction(network: Network, operator: Operator) -> dict[str, Any]:
    return {
        "axes": integers(network, operator, 1),
        "keep_dims": bool(operator.option("keepDims", False)),
    }


def _shape(network: Network, operator: Operator) -> dict[str, Any]:
    return {"shape": list(network.shape(operator.outputs[0]))}


def _transpose(network: Network, operator: Operator) -> dict[str, Any]:
    return {"permutation": integers(network, operator, 1)}


def _concatenation(network: Network, operator: Operator) -> dict[str, Any]:
    if operator.activation != "NONE":
        raise Untranslatable("CONCATENATION with an activation")
    return {"axis": int(operator.option("axis"))}


def _pad(network: Network, operator: Operator) -> dict[str, Any]:
    paddings = integers(network, operator, 1)
    return {"paddings": [list(pair) for pair in zip(paddings[::2], paddings[1::2], strict=True)]}


def _slice(network: Network, operator: Operator) -> dict[str, Any]:
    begin, size = integers(network, operator, 1), integers(network, operator, 2)
    given = network.shape(operator.inputs[0])
    ends = [
        whole if count < 0 else first + count
        for first, count, whole in zip(begin, size, given, strict=True)
    ]
    return {"begin": begin, "end": ends, "strides": [1] * len(begin)}


def _strided_slice(network: Network, operator: Operator) -> dict[str, Any]:
    if any(operator.option(name) for name in ("ellipsisMask", "newAxisMask", "shrinkAxisMask")):
        raise Untranslatable("STRIDED_SLICE that changes the rank")
    begin, end, strides = (integers(network, operator, place) for place in (1, 2, 3))
    if min(strides) < 1 or operator.option("offset", False):
        raise Untranslatable("STRIDED_SLICE that runs backwards")
    for axis, whole in enumerate(network.shape(operator.inputs[0])):
        bit = 1 << axis
        if int(operator.option("beginMask")) & bit:
            begin[axis] = 0
        if int(operator.option("endMask")) & bit:
            end[axis] = whole
    return {"begin": begin, "end": end, "strides": strides}


def _softmax(network: Network, operator: Operator) -> dict[str, Any]:
    return {"beta": float(np.float32(operator.option("beta", 1.0)))}


def _leaky_relu(network: Network, operator: Operator) -> dict[str, Any]:
    return {"alpha": float(np.float32(operator.option("alpha", 0.0)))}


BINARY = ("ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE")
_UNARY = (
    *("LOGISTIC", "TANH", "RELU", "RELU6", "RELU_N1_TO_1", "ELU", "HARD_SWISH"),
    *("EXP", "LOG", "SQRT", "RSQRT", "ABS", "NEG", "SQUARE", "QUANTIZE", "DEQUANTIZE"),
)

RULES: dict[str, Rule] = {
    **dict.fromkeys(BINARY, _activated),
    **dict.fromkeys(_UNARY, _none),
    **dict.fromkeys(("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN"), _reduction),
    **dict.fromkeys(("RESHAPE", "SQUEEZE", "EXPAND_DIMS"), _shape),
    **dict.fromkeys(("AVERAGE_POOL_2D", "MAX_POOL_2D"), _pool),
    "CONCATENATION": _concatenation,
    "LEAKY_RELU": _leaky_relu,
    "PAD": _pad,
    "SLICE": _slice,
    "SOFTMAX": _softmax,
    "STRIDED_SLICE": _strided_slice,
    "TRANSPOSE": _transpose,
}
"""Of the operators that hold no weights, or one constant beside the input."""

RENAMED = {"SQUEEZE": "RESHAPE", "EXPAND_DIMS": "RESHAPE", "STRIDED_SLICE": "SLICE"}
"""Kinds that the twin knows by another's name."""
