"""How long a .tflite model takes on this machine."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import ModelError
from dssd_tf.evaluation.predictor import open_interpreter
from dssd_tf.progress import track

WARM_UP = 10
"""Runs that are not counted, of each kind of kernels."""

_TURNS = 10


@dataclass(frozen=True)
class Latency:
    """Seconds of one inference at batch 1, without filling the input or reading the output.

    Args:
        median: Over the runs.
        lower_quartile: A quarter of the runs took at most so long.
        upper_quartile: Three quarters of the runs took at most so long.
        minimum: The fastest run.
        runs: How many were counted.
    """

    median: float
    lower_quartile: float
    upper_quartile: float
    minimum: float
    runs: int

    @classmethod
    def of(cls, seconds: NDArray[np.floating]) -> "Latency":
        """From the seconds of each run, (runs,)."""
        low, median, high = (float(value) for value in np.quantile(seconds, (0.25, 0.5, 0.75)))
        return cls(median, low, high, float(seconds.min()), seconds.size)


def measure_latency(
    content: bytes, *, threads: int = 1, runs: int = 200, name: Path | str = "model"
) -> dict[bool, Latency]:
    """Time a .tflite flatbuffer in LiteRT, with XNNPACK (True) and with LiteRT's own kernels.

    The two take turns, so that a busy machine slows both alike; after each change a run is left
    out, as are the first `WARM_UP`. The input is noise from a fixed seed.

    Args:
        content: The flatbuffer.
        threads: Threads of the interpreter.
        runs: Inferences of each kind that count.
        name: What to call the model in errors.

    Raises:
        ModelError: The flatbuffer cannot be read or run.
    """
    interpreters = {
        xnnpack: open_interpreter(content, threads=threads, xnnpack=xnnpack, name=name)
        for xnnpack in (True, False)
    }
    seconds: dict[bool, list[float]] = {xnnpack: [] for xnnpack in interpreters}
    for interpreter in interpreters.values():
        _fill(interpreter, name)
        for _ in range(WARM_UP):
            _invoke(interpreter, name)
    shares = [len(part) for part in np.array_split(np.arange(runs), _TURNS)]
    for share in track(shares, "latency"):
        for xnnpack, interpreter in interpreters.items():
            taken = [_invoke(interpreter, name) for _ in range(share + 1)]
            seconds[xnnpack] += taken[1:]
    return {xnnpack: Latency.of(np.array(taken)) for xnnpack, taken in seconds.items()}


def _invoke(interpreter: Any, name: Path | str) -> float:
    start = time.perf_counter()
    try:
        interpreter.invoke()
    except RuntimeError as error:
        raise ModelError(f"cannot be run ({error})", path=name) from error
    return time.perf_counter() - start


def _fill(interpreter: Any, name: Path | str) -> None:
    random = np.random.default_rng(0)
    for details in interpreter.get_input_details():
        dtype, shape = np.dtype(details["dtype"]), tuple(details["shape"])
        if dtype.kind == "f":
            values = random.normal(size=shape).astype(dtype)
        elif dtype.kind in "iu" and dtype.itemsize == 1:
            limits = np.iinfo(dtype)
            values = random.integers(limits.min, limits.max + 1, shape, dtype)
        else:
            raise ModelError(
                f"takes input of type {dtype}: no sensible input is known for it", path=name
            )
        interpreter.set_tensor(details["index"], values)
