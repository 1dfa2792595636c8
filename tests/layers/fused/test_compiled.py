import numba
import numpy as np
import pytest

from dssd_tf.layers.fused import compiled
from dssd_tf.layers.fused.compiled import aligned, fold, share_out, tile


def test_tile_and_fold_are_the_two_ways_between_channels_and_rows() -> None:
    rows = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(tile(rows, 9), np.tile(rows, 3))
    totals = np.ones(3)
    fold(np.arange(9.0), totals)
    np.testing.assert_array_equal(totals, [1 + 0 + 3 + 6, 1 + 1 + 4 + 7, 1 + 2 + 5 + 8])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_begin_where_tensorflow_needs_no_copy(dtype: str) -> None:
    for size in range(1, 40):
        array = aligned((size, 3), dtype)
        assert array.ctypes.data % 64 == 0 and array.shape == (size, 3)
        assert array.flags.c_contiguous and array.dtype == dtype


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_every_clip_is_worked_on_once(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    monkeypatch.setattr(compiled, "_threads", lambda: threads)
    counts = np.zeros(5, int)

    def loop(begin: int, end: int, out: np.ndarray) -> None:
        out[begin:end] += 1

    share_out(loop, 5, counts)
    assert (counts == 1).all()


def test_an_error_of_a_part_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_threads", lambda: 2)

    def loop(begin: int, end: int) -> None:
        if begin:
            raise MemoryError("too large")

    with pytest.raises(MemoryError, match="too large"):
        share_out(loop, 4)


def test_without_a_folder_to_write_to_the_loops_still_compile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(numba.core.caching.CompileResultCacheImpl, "_locator_classes", [])
    with pytest.raises(RuntimeError, match="cannot cache"):
        numba.njit(cache=True)(tile.py_func)
    uncached = compiled.compiled(tile.py_func)
    np.testing.assert_array_equal(uncached(np.ones((2, 2)), 4), np.ones((2, 4)))
