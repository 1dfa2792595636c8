"""Prepared features as `tf.data` batches."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data.feature_cache import FeatureStore


def make_batches(
    store: FeatureStore,
    positions: NDArray[np.int64],
    labels: NDArray[np.int64],
    classes: int,
    *,
    batch_size: int,
    shuffle_seed: tuple[int, ...] | None = None,
) -> Any:
    """A `tf.data.Dataset` of (features, one-hot labels), one pass over the clips.

    Features are (batch, time, frequency, channels) float32, labels (batch, classes) float32.
    With `shuffle_seed`, the order is a permutation that depends on it alone: an epoch's order
    can be had again after a restart. The last, smaller batch is kept.
    """
    import tensorflow as tf

    order = np.arange(len(positions))
    if shuffle_seed is not None:
        order = np.random.default_rng(shuffle_seed).permutation(order)
    one_hot = np.eye(classes, dtype=np.float32)

    def generate() -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            yield store.gather(positions[rows]), one_hot[labels[rows]]

    signature = (
        tf.TensorSpec((None, *store.shape), tf.float32),
        tf.TensorSpec((None, classes), tf.float32),
    )
    dataset = tf.data.Dataset.from_generator(generate, output_signature=signature)
    count = -(-len(positions) // batch_size)
    return dataset.apply(tf.data.experimental.assert_cardinality(count)).prefetch(4)
