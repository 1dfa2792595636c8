"""What the fused loops share: how Numba compiles them, and how clips are shared out to threads.

The machine code is kept on disk, beside these files or in the user's cache folder, so later
processes load it; where neither can be written, each process compiles anew. Importing this
module imports Numba: do it inside functions.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

# Sums keep their order: bits must not change with the length of a vector register.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
_ALIGNMENT = 64


def compiled(function: Callable[..., Any]) -> Any:
    """`function`, compiled at its first use."""
    try:
        return numba.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # Numba found no folder that it may write to.
        return numba.njit(**_OPTIONS)(function)


@compiled
def tile(rows: NDArray[Any], width: int) -> NDArray[Any]:
    """Repeat `rows` (n, C) along the channels up to (n, width)."""
    channels = rows.shape[1]
    tiled = np.empty((rows.shape[0], width), rows.dtype)
    for i in range(rows.shape[0]):
        for j in range(width):
            tiled[i, j] = rows[i, j % channels]
    return tiled


@compiled
def fold(sums: NDArray[Any], totals: NDArray[np.float64]) -> None:
    """Add `sums` (bands * C,) to `totals` (C,) over the bands."""
    channels = totals.size
    for first in range(0, sums.size, channels):
        for c in range(channels):
            totals[c] += sums[first + c]


def aligned(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """An empty array where TensorFlow takes it over without a copy."""
    size = np.dtype(dtype).itemsize
    count = int(np.prod(shape))
    raw = np.empty(count + _ALIGNMENT // size, dtype)
    first = (-raw.ctypes.data % _ALIGNMENT) // size
    return raw[first : first + count].reshape(shape)


def share_out(loop: Callable[..., None], clips: int, *arguments: Any) -> None:
    """Call ``loop(begin, end, *arguments)`` for parts of the clips, on as many threads as TF."""
    parts = min(_threads(), clips)
    if parts <= 1:
        loop(0, clips, *arguments)
        return
    edges = [clips * part // parts for part in range(parts + 1)]
    waiting = [_pool(parts).submit(loop, begin, end, *arguments) for begin, end in pairwise(edges)]
    for part in waiting:
        part.result()


def _threads() -> int:
    import tensorflow as tf

    chosen = tf.config.threading.get_intra_op_parallelism_threads()
    chosen = chosen or int(os.environ.get("TF_NUM_INTRAOP_THREADS") or 0)
    if chosen:
        return chosen
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="dssd-fused")
