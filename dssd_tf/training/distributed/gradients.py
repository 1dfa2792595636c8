"""Making the sum of the replicas' gradients that of the whole batch."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras


@contextlib.contextmanager
def whole_batch_gradients(optimizer: keras.optimizers.Optimizer, factors: Any) -> Iterator[None]:
    """Let a train step that is traced within take its replica's part in the batch's gradient.

    Keras divides a loss by the number of replicas, which is right for equal shares only; and it
    clips gradients, and looks whether scaled ones are finite, before it adds up the replicas
    (seen with Keras 3.15). Within, a replica's loss is multiplied by its factor before the
    gradient, and the gradients are added up before the optimizer sees them.

    Args:
        optimizer: Of the model whose `train_step` is traced; the step gives its loss to
            `scale_loss` and its gradients to `apply_gradients`, as Keras's own does.
        factors: (local replicas,) float32: the share of each times the number of all replicas.
    """
    import tensorflow as tf

    inner = getattr(optimizer, "inner_optimizer", optimizer)
    scale_loss, apply = optimizer.scale_loss, optimizer.apply

    def scale(loss: Any) -> Any:
        factor = factors[local_replica()]
        return scale_loss(loss * tf.cast(factor, loss.dtype))

    def apply_sum(gradients: Sequence[Any], variables: Any = None) -> None:
        there = [g for g in gradients if g is not None]
        context = tf.distribute.get_replica_context()
        summed = iter(context.all_reduce(tf.distribute.ReduceOp.SUM, there) if there else ())
        apply([None if g is None else next(summed) for g in gradients], variables)

    replaced = [
        (optimizer, "scale_loss", scale),
        (optimizer, "apply", apply_sum),
        (inner, "_all_reduce_sum_gradients", list),
    ]
    for target, name, function in replaced:
        target.__dict__[name] = function
    try:
        yield
    finally:
        for target, name, _ in replaced:
            del target.__dict__[name]


def local_replica() -> Any:
    """The number of the replica that runs, among those of this worker."""
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    replica = context.replica_id_in_sync_group
    extended = context.strategy.extended
    # Each worker has the same number of replicas.
    return replica % len(extended.worker_devices)
