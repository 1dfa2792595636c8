"""The end of every road to an int8 file: checked, slimmed, written at once or not at all."""

from pathlib import Path
from typing import Any

import numpy as np

from dssd_tf.errors import ModelError
from dssd_tf.files import write_bytes
from dssd_tf.quantization.int8_check import float_tensors
from dssd_tf.quantization.slim import slim


def finish_int8(content: bytes, name: str) -> bytes:
    """The slim form of a converted network, proven to be int8 throughout and the same network.

    Args:
        content: A .tflite flatbuffer from the converter.
        name: The network, for messages.

    Raises:
        ModelError: A float tensor is left, input or output are not int8 with batch 1, or the
            slim file gives other bits for a random input by the reference kernels. (The fast ones
            may round a grouped convolution otherwise than a full one, by one step.)
    """
    left = float_tensors(content)
    if left:
        raise ModelError(f"{name}: {len(left)} tensors stayed float, first {left[0]!r}")
    try:
        slimmed = slim(content)
    except ValueError as error:
        raise ModelError(f"{name}: {error}") from error
    interpreter = _interpreter(slimmed)
    for end in (*interpreter.get_input_details(), *interpreter.get_output_details()):
        if end["dtype"] != np.int8 or end["shape"][0] != 1:
            raise ModelError(
                f"{name}: {end['name']} is {np.dtype(end['dtype'])} of shape "
                f"{tuple(int(size) for size in end['shape'])}, not int8 with batch 1"
            )
    if not np.array_equal(_outputs(slimmed), _outputs(content)):
        raise ModelError(
            f"{name}: the slim file computes something else; this is a fault of the package, "
            "please report it"
        )
    return slimmed


def write_int8(path: Path, content: bytes, name: str) -> bytes:
    """Write `finish_int8` of a converted network in one step, and return it.

    Raises:
        ModelError: As `finish_int8`.
        DssdError: The file cannot be written.
    """
    finished = finish_int8(content, name)
    write_bytes(path, finished)
    return finished


def _interpreter(content: bytes) -> Any:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        model_content=content,
        experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    return interpreter


def _outputs(content: bytes) -> np.ndarray:
    interpreter = _interpreter(content)
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    random = np.random.default_rng(0)
    x = random.integers(-128, 128, source["shape"], dtype=np.int8)
    interpreter.set_tensor(source["index"], x)
    interpreter.invoke()
    return interpreter.get_tensor(target["index"])
