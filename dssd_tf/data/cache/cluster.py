"""Working on chunks on the machines of a Dask cluster that share the folders."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from dssd_tf.data.cache.compute import ChunkResult, compute_chunk
from dssd_tf.data.cache.plan import Chunk
from dssd_tf.errors import DssdError

_ANSWER_SECONDS = 10


def work_on_cluster(
    chunks: Sequence[Chunk], scheduler: str, advance: Callable[[int], None]
) -> Iterator[ChunkResult]:
    """Yield the result of each chunk, computed by the workers of a Dask scheduler.

    The workers must see the dataset and the cache under the same absolute paths, and have this
    package installed.

    Args:
        chunks: The work.
        scheduler: The scheduler's address, `tcp://host:port`.
        advance: Is given the number of clips done.

    Raises:
        DssdError: Dask is not installed, the scheduler does not answer, or a chunk failed; the
            message names the chunk.
    """
    try:
        import distributed
    except ImportError as error:
        raise DssdError(
            "--scheduler needs Dask, which is not installed",
            fix="pip install 'dssd_tf[cluster]', or leave --scheduler out",
        ) from error
    try:
        client = distributed.Client(scheduler, timeout=_ANSWER_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise DssdError(
            f"the scheduler {scheduler} does not answer ({error})",
            fix="start it with `dask scheduler` and give the address it prints",
        ) from error
    with client, client.as_current():
        futures = {client.submit(compute_chunk, chunk, pure=False): chunk for chunk in chunks}
        try:
            for future in distributed.as_completed(futures):
                chunk = futures.pop(future)
                yield _result(future, chunk)
                advance(len(chunk.files))
        finally:
            client.cancel(list(futures))


def _result(future: Any, chunk: Chunk) -> ChunkResult:
    try:
        return future.result()
    except DssdError as error:
        raise type(error)(
            f"{error.problem} (chunk {chunk})", path=error.path, fix=error.fix
        ) from error
    except Exception as error:  # whatever a worker's machine may raise
        raise DssdError(
            f"the chunk {chunk} failed on the cluster ({type(error).__name__}: {error})",
            fix="see the worker's log, then run the same command again: what is done stays",
        ) from error
