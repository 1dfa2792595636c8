"""TensorFlow Lite Micro on this machine: the package `tflite-micro`, an extra."""

import os
import re
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

import numpy as np

from dssd_tf.errors import ModelError

ALIGNMENT = 16
"""Bytes; an arena starts at a multiple of it."""

_TOTAL = re.compile(r"Arena allocation (total|head|tail) (\d+) bytes")
_FIRST_GUESS = 16 * 2**20


@dataclass(frozen=True)
class Arena:
    """Memory of a model in TensorFlow Lite Micro, measured on this 64-bit machine.

    A 32-bit device needs less of the persistent part, which holds pointers.

    Attributes:
        size: Bytes, a multiple of 16, with which the model is prepared and runs.
        activations: Bytes of tensors and scratch buffers (the arena's head).
        persistent: Bytes of structures that stay (its tail).
        version: Version of `tflite-micro`.
    """

    size: int
    activations: int
    persistent: int
    version: str

    def to_dict(self) -> dict[str, Any]:
        """The fields."""
        return asdict(self)


def tflm_version() -> str | None:
    """The installed version of `tflite-micro`, None where it is not."""
    try:
        return metadata.version("tflite-micro")
    except metadata.PackageNotFoundError:
        return None


def run_tflm(content: bytes, inputs: np.ndarray) -> np.ndarray:
    """Outputs (n, …) of TensorFlow Lite Micro for inputs (n, …) of a .tflite file.

    Raises:
        ModelError: It refuses the model; the message holds its own words.
    """
    try:
        interpreter, _ = _quietly(lambda: _interpreter(content, _roomy(content)))
        outputs = []
        for values in inputs:
            interpreter.set_input(values[None], 0)
            _quietly(interpreter.invoke)
            outputs.append(interpreter.get_output(0)[0].copy())
    except _RefusedError as error:
        raise _refusal(error) from error
    return np.stack(outputs)


def measure_arena(content: bytes) -> Arena:
    """The memory that a .tflite file takes; `tflite-micro` must be installed.

    Raises:
        ModelError: TensorFlow Lite Micro refuses the model.
    """
    try:
        interpreter, _ = _quietly(lambda: _interpreter(content, _roomy(content)))
        _quietly(interpreter.invoke)
        _, told = _quietly(interpreter.print_allocations)
    except _RefusedError as error:
        raise _refusal(error) from error
    parts = {name: int(size) for name, size in _TOTAL.findall(told)}
    # What is allocated in the end may be less than what preparing needs on the way.
    least = -(-parts["total"] // ALIGNMENT) * ALIGNMENT
    size = _least_arena(content, least)
    return Arena(size, parts["head"], parts["tail"], tflm_version() or "unknown")


def _least_arena(content: bytes, least: int) -> int:
    if _runs(content, least):
        return least
    low, high = least, _roomy(content)
    while high - low > ALIGNMENT:
        middle = (low + high) // (2 * ALIGNMENT) * ALIGNMENT
        low, high = (low, middle) if _runs(content, middle) else (middle, high)
    return high


def _runs(content: bytes, size: int) -> bool:
    try:
        interpreter, _ = _quietly(lambda: _interpreter(content, size))
        _quietly(interpreter.invoke)
    except _RefusedError:
        return False
    return True


def _roomy(content: bytes) -> int:
    return max(_FIRST_GUESS, 10 * len(content))


def _interpreter(content: bytes, arena: int) -> Any:
    from tflite_micro.python.tflite_micro import runtime

    return runtime.Interpreter.from_bytes(content, arena_size=arena)


class _RefusedError(Exception):
    """TensorFlow Lite Micro's complaint."""


def _refusal(error: _RefusedError) -> ModelError:
    return ModelError(f"TensorFlow Lite Micro refuses the model: {error}")


def _quietly(call: Any) -> tuple[Any, str]:
    """What `call` gives, and what native code wrote to standard error meanwhile."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        saved = os.dup(2)
        os.dup2(held.fileno(), 2)
        failed: RuntimeError | None = None
        result = None
        try:
            result = call()
        except RuntimeError as error:
            failed = error
        finally:
            os.dup2(saved, 2)
            os.close(saved)
        held.seek(0)
        told = held.read().decode(errors="replace")
    if failed is not None:
        lines = [line.strip() for line in told.splitlines() if line.strip()]
        raise _RefusedError("; ".join([*lines[:3], str(failed)])) from failed
    return result, told
