"""How a batch is divided among replicas."""

import numpy as np
from numpy.typing import NDArray


def share_bounds(clips: int, replicas: int) -> NDArray[np.int32]:
    """The clips of a batch that each replica takes, (replicas, 2): first and end.

    Shares lie one behind the other and differ by one clip at most, the larger ones first. A batch
    of fewer clips than replicas goes to each replica whole: an empty share would leave the
    statistics of batch normalization undefined.
    """
    if clips < replicas:
        return np.tile(np.array([0, clips], np.int32), (replicas, 1))
    sizes = np.full(replicas, clips // replicas, np.int32)
    sizes[: clips % replicas] += 1
    ends = np.cumsum(sizes, dtype=np.int32)
    return np.stack([ends - sizes, ends], axis=1)


def share_weights(clips: int, replicas: int) -> NDArray[np.float32]:
    """What the mean over each replica's clips counts in the mean over the batch, (replicas,)."""
    if clips < replicas:
        return np.full(replicas, 1 / replicas, np.float32)
    bounds = share_bounds(clips, replicas)
    return ((bounds[:, 1] - bounds[:, 0]) / clips).astype(np.float32)


def worker_part(clips: int, worker: int, workers: int, replicas: int) -> slice:
    """The clips of a batch that a worker reads for its own replicas.

    Args:
        clips: Of the whole batch.
        worker: From 0.
        workers: All workers, each with the same number of replicas.
        replicas: Of all workers together.
    """
    bounds = share_bounds(clips, replicas)
    own = replicas // workers
    return slice(int(bounds[worker * own, 0]), int(bounds[worker * own + own - 1, 1]))


def local_bounds(clips: int, worker: int, workers: int, replicas: int) -> NDArray[np.int32]:
    """Where the share of each of a worker's replicas lies in `worker_part`, (replicas, 2)."""
    own = replicas // workers
    bounds = share_bounds(clips, replicas)[worker * own : (worker + 1) * own]
    return bounds - bounds[0, 0]
