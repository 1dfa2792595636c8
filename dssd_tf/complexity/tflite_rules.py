"""Multiply-adds of one TFLite operator: those that happen, and those by NeSsi's rule.

NeSsi is the counter of DCASE 2022 and 2023 (Ancilotto, 2021). Its rule also counts additions
(pooling, means, sums), never the bias, and it reads a fully connected layer's input width from
the last axis of the input as stored: less than really happens where the converter has folded a
flattening into the operator. It is followed here to the number.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from dssd_tf.complexity.tflite_graph import Operator, Tensor


@dataclass(frozen=True)
class OperatorCall:
    """An operator with the tensors it reads (None: left out) and writes."""

    operator: Operator
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]

    def shape(self, index: int) -> tuple[int, ...]:
        """Shape of an input that must be there."""
        tensor = self.inputs[index]
        if tensor is None:
            raise ValueError(f"{self.operator.kind} without input {index}")
        return tensor.shape

    @property
    def written(self) -> int:
        """Elements of the first output."""
        return self.outputs[0].elements


Rule = Callable[[OperatorCall], int]


def convolution(call: OperatorCall) -> int:
    """N·Ho·Wo·o·kh·kw·i; i are a group's channels, as the kernel (o, kh, kw, i) holds them."""
    return call.written * math.prod(call.shape(1)[1:])


def depthwise_convolution(call: OperatorCall) -> int:
    """N·Ho·Wo·c·kh·kw; c counts the output's channels; kernel (1, kh, kw, c)."""
    return call.written * math.prod(call.shape(1)[1:3])


def fully_connected(call: OperatorCall) -> int:
    """Rows x in·out, from the weights (out, in)."""
    return call.written * call.shape(1)[-1]


def fully_connected_nessi(call: OperatorCall) -> int:
    """Rows x in·out, in being the last axis of the input as stored."""
    return call.written * (call.shape(0) or (1,))[-1]


def transposed_convolution(call: OperatorCall) -> int:
    """N·Hi·Wi·o·kh·kw·i, from inputs (output shape, kernel (o, kh, kw, i), data)."""
    return math.prod(call.shape(2)[:-1]) * math.prod(call.shape(1))


def convolution_3d(call: OperatorCall) -> int:
    """Output positions x kernel (kd, kh, kw, i, o)."""
    return call.written * math.prod(call.shape(1)[:-1])


def batch_matmul(call: OperatorCall) -> int:
    """Output elements x the summed axis: the last of the first input, unless it is transposed."""
    first, out = call.shape(0), call.outputs[0].shape
    columns = math.prod(first[-2:])
    return call.written * (columns // out[-2] if out[-2] else 0)


def pooling(call: OperatorCall) -> int:
    """N·Ho·Wo·c·ph·pw: additions or comparisons."""
    return call.written * math.prod(call.operator.pool or (0,))


def mean(call: OperatorCall) -> int:
    """N·Hi·Wi·c of a 4-D input, else nothing."""
    shape = call.shape(0)
    return math.prod(shape) if len(shape) == 4 else 0


def addition(call: OperatorCall) -> int:
    """(inputs − 1) x output elements."""
    return (len(call.inputs) - 1) * call.written


TRUE_RULES: dict[str, Rule] = {
    "CONV_2D": convolution,
    "DEPTHWISE_CONV_2D": depthwise_convolution,
    "FULLY_CONNECTED": fully_connected,
    "TRANSPOSE_CONV": transposed_convolution,
    "CONV_3D": convolution_3d,
    "BATCH_MATMUL": batch_matmul,
}
"""Multiply-adds that really happen."""

NESSI_RULES: dict[str, Rule] = {
    "CONV_2D": convolution,
    "DEPTHWISE_CONV_2D": depthwise_convolution,
    "FULLY_CONNECTED": fully_connected_nessi,
    "MAX_POOL_2D": pooling,
    "AVERAGE_POOL_2D": pooling,
    "MEAN": mean,
    "ADD": addition,
}
"""NeSsi's; every other operator is 0."""

_WITHOUT_MACS = """
ABS ADD ADD_N ARG_MAX ARG_MIN AVERAGE_POOL_2D BATCH_TO_SPACE_ND BITCAST BROADCAST_ARGS
BROADCAST_TO CAST CEIL CONCATENATION COS DENSIFY DEPTH_TO_SPACE DEQUANTIZE DIV ELU
EMBEDDING_LOOKUP EQUAL EXP EXPAND_DIMS FAKE_QUANT FILL FLOOR FLOOR_DIV FLOOR_MOD GATHER
GATHER_ND GELU GREATER GREATER_EQUAL HARD_SWISH LEAKY_RELU LESS LESS_EQUAL LOG LOGICAL_AND
LOGICAL_NOT LOGICAL_OR LOGISTIC LOG_SOFTMAX MAXIMUM MAX_POOL_2D MEAN MINIMUM MIRROR_PAD MUL NEG
NOT_EQUAL ONE_HOT PACK PAD PADV2 POW PRELU QUANTIZE RANGE RANK REDUCE_ALL REDUCE_ANY REDUCE_MAX
REDUCE_MIN REDUCE_PROD RELU RELU6 RELU_0_TO_1 RELU_N1_TO_1 RESHAPE RESIZE_NEAREST_NEIGHBOR
REVERSE_V2 ROUND RSQRT SELECT SELECT_V2 SHAPE SIGN SIN SLICE SOFTMAX SPACE_TO_BATCH_ND
SPACE_TO_DEPTH SPLIT SPLIT_V SQRT SQUARE SQUARED_DIFFERENCE SQUEEZE STRIDED_SLICE SUB SUM TANH
TILE TOPK_V2 TRANSPOSE UNPACK WHERE ZEROS_LIKE
"""
WITHOUT_MACS = frozenset(_WITHOUT_MACS.split())
"""Operators without multiply-adds; one that is neither here nor in `TRUE_RULES` is reported."""
