"""Projecting conflicting gradients (PCGrad)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

_DRAWS = 256
"""Orders that are drawn ahead."""


def random_orders(tasks: int, seed: int, step: Any) -> Any:
    """For each task the order in which it meets all tasks, (tasks, tasks) int32.

    They are drawn ahead and come again after 256 steps: a draw within the step would differ
    with and without XLA.

    Args:
        tasks: How many.
        seed: The same seed and step give the same orders.
        step: Of the training, integer.
    """
    in_order = np.tile(np.arange(tasks, dtype=np.int32), (_DRAWS, tasks, 1))
    table = np.random.default_rng(seed).permuted(in_order, axis=-1)
    return tf.constant(table)[tf.cast(step, tf.int32) % _DRAWS]


def pcgrad(gradients_per_task: Sequence[Sequence[Any]], orders: Any = None) -> list[Any]:
    """One gradient from those of several tasks, without what pulls one task against another.

    Each task's gradient, all variables taken as one vector, meets those of the others in turn;
    where their dot product is negative, its part along the other is taken away. The results are
    summed.

    Source: Yu et al., Gradient Surgery for Multi-Task Learning (NeurIPS 2020), algorithm 1.

    Args:
        gradients_per_task: For each task one gradient a variable, of the variable's shape; None
            where the task does not depend on it.
        orders: (tasks, tasks) integer, see `random_orders`; None: in the order given. With two
            tasks it does not matter.

    Returns:
        One gradient a variable; None where no task depends on it.
    """
    dense = [[_dense(gradient) for gradient in task] for task in gradients_per_task]
    if orders is None:
        orders = tf.tile(tf.range(len(dense))[None], [len(dense), 1])
    # A projected gradient is a weighted sum of the tasks' gradients, so the projections need
    # only their dot products, and the whole vectors are added once.
    shares = tf.unstack(tf.reduce_sum(_projections(_dot_products(dense), orders), axis=0))
    return [_weighted_sum(shares, values) for values in zip(*dense, strict=True)]


def _dense(gradient: Any) -> Any:
    return None if gradient is None else tf.convert_to_tensor(gradient)


def _dot_products(tasks: list[list[Any]]) -> Any:
    """(tasks, tasks) float32."""

    def dot(a: list[Any], b: list[Any]) -> Any:
        pairs = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
        parts = [tf.reduce_sum(tf.cast(x, tf.float32) * tf.cast(y, tf.float32)) for x, y in pairs]
        return tf.add_n(parts) if parts else tf.constant(0.0)

    return tf.stack([tf.stack([dot(a, b) for b in tasks]) for a in tasks])


def _projections(dots: Any, orders: Any) -> Any:
    """What each projected gradient (rows) takes of each task's gradient (columns)."""
    tasks = orders.shape[0]
    rows = []
    for task in range(tasks):
        row = tf.one_hot(task, tasks)
        for place in range(tasks):
            other = orders[task, place]
            dot = tf.reduce_sum(row * dots[other])
            conflict = (dot < 0) & (other != task)
            part = tf.where(conflict, tf.math.divide_no_nan(dot, dots[other, other]), 0.0)
            row -= part * tf.one_hot(other, tasks)
        rows.append(row)
    return tf.stack(rows)


def _weighted_sum(shares: list[Any], values: Sequence[Any]) -> Any:
    parts = [
        tf.cast(share, value.dtype) * value
        for share, value in zip(shares, values, strict=True)
        if value is not None
    ]
    return tf.add_n(parts) if parts else None
