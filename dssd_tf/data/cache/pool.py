"""Working on chunks in this process or in several on this machine."""

from collections.abc import Callable, Iterator, Sequence

from dssd_tf.data.cache.compute import ChunkResult, compute_chunk
from dssd_tf.data.cache.plan import Chunk
from dssd_tf.data.processes import end_if_stopped, in_processes, terminable

Advance = Callable[[int], None]


def work_on(chunks: Sequence[Chunk], workers: int, advance: Advance) -> Iterator[ChunkResult]:
    """Yield the result of each chunk; `advance` is given the number of clips done.

    Ctrl-C and SIGTERM end the workers after the clip they are at, and leave nothing half-made.

    Raises:
        DataError: A recording cannot be used.
        DssdError: A shard cannot be written, or a worker died.
    """
    with terminable():
        if min(workers, len(chunks)) <= 1:
            for chunk in chunks:
                yield _here(chunk, advance)
            return
        for chunk, result in in_processes(_work, chunks, min(workers, len(chunks))):
            advance(len(chunk.files))
            yield result


def _here(chunk: Chunk, advance: Advance) -> ChunkResult:
    result = compute_chunk(chunk, lambda: advance(1))
    if not result.clips:
        advance(len(chunk.files))
    return result


def _work(chunk: Chunk) -> ChunkResult:
    return compute_chunk(chunk, end_if_stopped)
