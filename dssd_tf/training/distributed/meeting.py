"""What the workers of a strategy do together outside of training."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from dssd_tf.errors import RunError
from dssd_tf.training.distributed.worker_failure import worker_failure


def place_of(strategy: Any) -> tuple[int, int]:
    """Which worker this process is, from 0, and how many there are."""
    workers = strategy.num_replicas_in_sync // len(strategy.extended.worker_devices)
    return (strategy.extended._id_in_cluster if workers > 1 else 0), workers


def on_replicas(strategy: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Trace `function` on all replicas; what is returned gives the first local one's array."""
    import tensorflow as tf

    def call(*arguments: Any) -> Any:
        return strategy.run(function, args=arguments)

    traced = tf.function(call, autograph=False)
    return lambda *arguments: strategy.experimental_local_results(traced(*arguments))[0].numpy()


def meet_workers(strategy: Any, *state: float) -> None:
    """Wait until all workers are here, and check that they are in the same state.

    Args:
        strategy: Without one, or with one worker, nothing is done.
        state: Numbers, as many on each worker; epoch and steps, say.

    Raises:
        RunError: The states differ, or another worker has ended.
    """
    worker, workers = (0, 1) if strategy is None else place_of(strategy)
    if workers == 1:
        return
    import tensorflow as tf

    own = np.zeros((workers, 1 + len(state)), np.float32)
    own[worker] = (1, *state)

    with worker_failure(workers):
        table = _summing(strategy)(tf.constant(own))
    if (table != table[0]).any():
        raise RunError(
            "the workers see different checkpoints of this run",
            fix="put the run's folder on a file system that all machines share",
        )


@functools.cache
def _summing(strategy: Any) -> Callable[[Any], Any]:
    """Adds an array up over all replicas."""
    import tensorflow as tf

    def add_up(array: Any) -> Any:
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.identity(array))

    return on_replicas(strategy, add_up)
