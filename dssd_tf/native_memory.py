"""Keeping freed memory in the process instead of handing it back at every step."""

import ctypes
import sys

# Names of glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -2, -4, -8


def keep_freed_memory() -> bool:
    """Tell glibc's allocator to reuse freed memory; returns whether it could be told.

    A training step frees and takes hundreds of megabytes of activations. By default glibc
    gives each large block back to the system, which then has to clear every page of the next
    one: on a small machine most of a step's time. Call it before the first large allocation;
    the process then keeps its largest size until it ends. Elsewhere than on Linux with glibc it
    does nothing.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    settings = (
        (_M_ARENA_MAX, 1),
        (_M_MMAP_MAX, 0),
        (_M_TRIM_THRESHOLD, 2**31 - 1),
        (_M_TOP_PAD, 2**28),
    )
    taken = [mallopt(name, value) == 1 for name, value in settings]
    return all(taken)
