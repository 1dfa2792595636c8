"""Work in several processes on this machine, which ends when the command does."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any, NoReturn, TypeVar

from dssd_tf.errors import DssdError

Item = TypeVar("Item")
Result = TypeVar("Result")

_THREAD_SETTINGS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def available_cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_processes(
    work: Callable[[Item], Result], items: Sequence[Item], workers: int
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with what `work` makes of it, in the order in which they are done.

    The workers end after what they are at when the caller does: `work` is to call
    `end_if_stopped` now and then. They compute in one thread each and never see Ctrl-C.

    Args:
        work: A function that another process can import, or a `functools.partial` of one.
        items: What can be sent to another process.
        workers: Processes.

    Raises:
        DssdError: A worker died, or `work` raised it.
    """
    # Not fork: TensorFlow's threads may hold locks that a forked process would wait for.
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    with (
        _one_thread_each(),
        ProcessPoolExecutor(workers, context, _start_worker, (stop,)) as pool,
    ):
        try:
            with _interrupts_held():
                futures = {pool.submit(_work, work, item): item for item in items}
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool as error:
            raise DssdError(
                "a worker process ended before its work was done",
                fix="if the memory ran out, use fewer (--workers, data.workers); a script of your "
                "own needs `if __name__ == '__main__':`; then run the same command again",
            ) from error
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def terminable() -> Iterator[None]:
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


_stop: Any = None


class _Stopped(Exception):
    """The parent does not want the result any more."""


def end_if_stopped() -> None:
    """Leave a worker whose parent has ended; nothing in a process that is no worker."""
    if _stop is not None and _stop.is_set():
        raise _Stopped


def _work(work: Callable[[Item], Result], item: Item) -> Result:
    end_if_stopped()
    return work(item)


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


def _exit(number: int, frame: Any) -> NoReturn:
    raise SystemExit(128 + number)
