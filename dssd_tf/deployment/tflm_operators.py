"""Which operators TensorFlow Lite Micro has, and how a `MicroMutableOpResolver` gets them."""

from collections.abc import Iterable

from dssd_tf.errors import ModelError

# Words of a kind that its method does not write with one capital letter.
_WORDS = {
    **{"2D": "2D", "MATMUL": "MatMul", "CUMSUM": "CumSum", "PADV2": "PadV2", "LSTM": "LSTM"},
    **{"V": "V", "V2": "V2", "ND": "Nd", "L2": "L2", "RELU6": "Relu6"},
}

# As tflite-micro 0.dev20261023 registers them, but for control flow and resource variables,
# which need more than a resolver.
_KINDS = (
    "ABS",
    "ADD",
    "ADD_N",
    "ARG_MAX",
    "ARG_MIN",
    "AVERAGE_POOL_2D",
    "BATCH_MATMUL",
    "BATCH_TO_SPACE_ND",
    "BROADCAST_ARGS",
    "BROADCAST_TO",
    "CAST",
    "CEIL",
    "CONCATENATION",
    "CONV_2D",
    "COS",
    "CUMSUM",
    "DEPTHWISE_CONV_2D",
    "DEPTH_TO_SPACE",
    "DEQUANTIZE",
    "DIV",
    "ELU",
    "EQUAL",
    "EXP",
    "EXPAND_DIMS",
    "FILL",
    "FLOOR",
    "FLOOR_DIV",
    "FLOOR_MOD",
    "FULLY_CONNECTED",
    "GATHER",
    "GATHER_ND",
    "GREATER",
    "GREATER_EQUAL",
    "HARD_SWISH",
    "L2_NORMALIZATION",
    "L2_POOL_2D",
    "LEAKY_RELU",
    "LESS",
    "LESS_EQUAL",
    "LOG",
    "LOGICAL_AND",
    "LOGICAL_NOT",
    "LOGICAL_OR",
    "LOGISTIC",
    "LOG_SOFTMAX",
    "MAXIMUM",
    "MAX_POOL_2D",
    "MEAN",
    "MINIMUM",
    "MIRROR_PAD",
    "MUL",
    "NEG",
    "NOT_EQUAL",
    "PACK",
    "PAD",
    "PADV2",
    "PRELU",
    "QUANTIZE",
    "REDUCE_MAX",
    "REDUCE_MIN",
    "RELU",
    "RELU6",
    "RESHAPE",
    "RESIZE_BILINEAR",
    "RESIZE_NEAREST_NEIGHBOR",
    "REVERSE_V2",
    "ROUND",
    "RSQRT",
    "SELECT_V2",
    "SHAPE",
    "SIN",
    "SLICE",
    "SOFTMAX",
    "SPACE_TO_BATCH_ND",
    "SPACE_TO_DEPTH",
    "SPLIT",
    "SPLIT_V",
    "SQRT",
    "SQUARE",
    "SQUARED_DIFFERENCE",
    "SQUEEZE",
    "STRIDED_SLICE",
    "SUB",
    "SUM",
    "SVDF",
    "TANH",
    "TRANSPOSE",
    "TRANSPOSE_CONV",
    "UNIDIRECTIONAL_SEQUENCE_LSTM",
    "UNPACK",
    "ZEROS_LIKE",
)


def _method(kind: str) -> str:
    return "Add" + "".join(_WORDS.get(word, word.capitalize()) for word in kind.split("_"))


METHODS = {kind: _method(kind) for kind in _KINDS}
"""The resolver's method of each kind of operator, e.g. ``AddConv2D`` of ``CONV_2D``."""


def resolver_methods(kinds: Iterable[str], path: object) -> list[str]:
    """The resolver's methods for operators of these kinds.

    Args:
        kinds: Names of builtin operators as in the schema of the .tflite format.
        path: The model's file, for the error.

    Raises:
        ModelError: TensorFlow Lite Micro lacks one; the message names all it lacks.
    """
    kinds = list(kinds)
    missing = [kind for kind in kinds if kind not in METHODS]
    if missing:
        raise ModelError(
            f"uses operators that TensorFlow Lite Micro does not have: {', '.join(missing)}",
            path=str(path),
            fix="quantize a network of this package, or replace the layers that make them",
        )
    return [METHODS[kind] for kind in kinds]
