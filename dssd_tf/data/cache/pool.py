"""Working on chunks in this process or in several on this machine."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any, NoReturn

from dssd_tf.data.cache.compute import ChunkResult, compute_chunk
from dssd_tf.data.cache.plan import Chunk
from dssd_tf.errors import DssdError

_THREAD_SETTINGS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

Advance = Callable[[int], None]


def available_cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def work_on(chunks: Sequence[Chunk], workers: int, advance: Advance) -> Iterator[ChunkResult]:
    """Yield the result of each chunk; `advance` is given the number of clips done.

    Ctrl-C and SIGTERM end the workers after the clip they are at, and leave nothing half-made.

    Raises:
        DataError: A recording cannot be used.
        DssdError: A shard cannot be written, or a worker died.
    """
    with _terminable():
        if min(workers, len(chunks)) <= 1:
            for chunk in chunks:
                yield _here(chunk, advance)
        else:
            yield from _in_processes(chunks, min(workers, len(chunks)), advance)


def _here(chunk: Chunk, advance: Advance) -> ChunkResult:
    result = compute_chunk(chunk, lambda: advance(1))
    if not result.clips:
        advance(len(chunk.files))
    return result


def _in_processes(chunks: Sequence[Chunk], workers: int, advance: Advance) -> Iterator[ChunkResult]:
    # Not fork: TensorFlow's threads may hold locks that a forked process would wait for.
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    with (
        _one_thread_each(),
        ProcessPoolExecutor(workers, context, _start_worker, (stop,)) as pool,
    ):
        try:
            with _interrupts_held():
                futures = {pool.submit(_work, chunk): chunk for chunk in chunks}
            for future in as_completed(futures):
                result = future.result()
                advance(len(futures[future].files))
                yield result
        except BrokenProcessPool as error:
            raise DssdError(
                "a worker process ended before its work was done",
                fix="if the memory ran out, use fewer (--workers, data.workers); a script of your "
                "own needs `if __name__ == '__main__':`; then run the same command again",
            ) from error
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)


_stop: Any = None


class _Stopped(Exception):
    """The parent does not want the result any more."""


def _start_worker(stop: Any) -> None:
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed cannot tell its workers to end."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(chunk: Chunk) -> ChunkResult:
    _end_if_stopped()
    return compute_chunk(chunk, _end_if_stopped)


def _end_if_stopped() -> None:
    if _stop.is_set():
        raise _Stopped


@contextlib.contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes started meanwhile compute in one thread, as there is one for every core."""
    before = {name: os.environ.get(name) for name in _THREAD_SETTINGS}
    os.environ.update(dict.fromkeys(_THREAD_SETTINGS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back; processes started meanwhile never get it, also while they import."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM unwinds like Ctrl-C does, so that workers end and temporary files go."""
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _exit(number: int, frame: Any) -> NoReturn:
    raise SystemExit(128 + number)
