"""The end of every road to an int8 file: checked and slimmed."""

from typing import Any

import numpy as np

from dssd_tf.errors import ModelError
from dssd_tf.models.keras_message import in_one_line
from dssd_tf.quantization.int8_check import float_tensors
from dssd_tf.quantization.slim import slim


def finish_int8(content: bytes, name: str) -> bytes:
    """The slim form of a converted network, proven to be int8 throughout and the same network.

    Args:
        content: A .tflite flatbuffer from the converter.
        name: The network, for messages.

    Raises:
        ModelError: A float tensor is left, input or output are not int8 with batch 1, LiteRT
            refuses the file, or the slim file gives other bits for a random input by the
            reference kernels. (The fast ones may round a grouped convolution otherwise than a
            full one, by one step.)
    """
    left = float_tensors(content)
    if left:
        raise ModelError(f"{name}: {len(left)} tensors stayed float, first {left[0]!r}")
    finished = slimmed(content, name)
    for end in _ends(finished, name):
        if end["dtype"] != np.int8 or end["shape"][0] != 1:
            raise ModelError(
                f"{name}: {end['name']} is {np.dtype(end['dtype'])} of shape "
                f"{tuple(int(size) for size in end['shape'])}, not int8 with batch 1"
            )
    return finished


def slimmed(content: bytes, name: str) -> bytes:
    """The slim form of a .tflite flatbuffer, proven to give the same bits for a random input.

    Raises:
        ModelError: It has several inputs, outputs or subgraphs, LiteRT refuses it, or it gives
            other bits.
    """
    try:
        slim_content = slim(content)
    except ValueError as error:
        raise ModelError(f"{name}: {error}") from error
    _ends(slim_content, name)
    if not _same(slim_content, content):
        raise ModelError(
            f"{name}: the slim file computes something else; this is a fault of the package, "
            "please report it"
        )
    return slim_content


def _ends(content: bytes, name: str) -> list[Any]:
    try:
        interpreter = _interpreter(content)
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{name}: LiteRT refuses the file: {in_one_line(error)}") from error
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    if (len(inputs), len(outputs)) != (1, 1):
        raise ModelError(
            f"{name}: {len(inputs)} inputs and {len(outputs)} outputs, not one of each"
        )
    return [*inputs, *outputs]


def _same(one: bytes, other: bytes) -> bool:
    try:
        return np.array_equal(_outputs(one, reference=True), _outputs(other, reference=True))
    except (ValueError, RuntimeError):
        # The reference kernels lack some operators that the fast ones have.
        return np.array_equal(_outputs(one), _outputs(other))


def _interpreter(content: bytes, *, reference: bool = False) -> Any:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kinds = OpResolverType
    kernels = kinds.BUILTIN_REF if reference else kinds.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_content=content, experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
    return interpreter


def _outputs(content: bytes, *, reference: bool = False) -> np.ndarray:
    interpreter = _interpreter(content, reference=reference)
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    random, shape = np.random.default_rng(0), source["shape"]
    if source["dtype"] == np.int8:
        x = random.integers(-128, 128, shape, dtype=np.int8)
    else:
        x = random.standard_normal(shape).astype(source["dtype"])
    interpreter.set_tensor(source["index"], x)
    interpreter.invoke()
    return interpreter.get_tensor(target["index"])
