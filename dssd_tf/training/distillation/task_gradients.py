"""The gradient of several tasks' losses, projected, over the replicas of a strategy."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from dssd_tf.training.distillation.pcgrad import pcgrad, random_orders


def replicas() -> int:
    """How many replicas the current strategy has."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def projected_gradients(
    tape: Any, tasks: Sequence[Any], penalty: Any, variables: Sequence[Any], *, seed: int, step: Any
) -> list[Any]:
    """PCGrad of the tasks' losses, to which the gradient of the penalties is added.

    Args:
        tape: A persistent one that saw `tasks` and `penalty`.
        tasks: Scalar losses, each divided by the replicas.
        penalty: Scalar, divided by the replicas.
        variables: What is trained.
        seed: Of the order of projections, together with `step`.
        step: Of the optimizer.

    Returns:
        One gradient a variable, of this replica: the optimizer adds up the replicas.
    """
    per_task = [_gradient(tape, task, variables) for task in tasks]
    if replicas() > 1:
        # Conflicts are those of the whole batch, so replicas add up before projecting; the
        # optimizer adds up once more, hence the division below.
        context = tf.distribute.get_replica_context()
        per_task = context.all_reduce(tf.distribute.ReduceOp.SUM, per_task)
    projected = pcgrad(per_task, random_orders(len(tasks), seed, step))
    penalties = _gradient(tape, penalty, variables)
    return [g / replicas() + p for g, p in zip(projected, penalties, strict=True)]


def _gradient(tape: Any, loss: Any, variables: Sequence[Any]) -> list[Any]:
    """The gradient of each variable, 0 where the loss does not depend on it."""
    found = zip(tape.gradient(loss, variables), variables, strict=True)
    return [tf.zeros(v.shape, v.dtype) if g is None else tf.convert_to_tensor(g) for g, v in found]
