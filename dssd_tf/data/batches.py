"""Prepared clips as `tf.data` batches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import DssdError


class BatchSource(Protocol):
    """What batches are read from: a `FeatureStore`, a `WaveformStore`, or the like.

    `domain` says what the arrays of `read` stand for: ``waveform`` (clips, samples), float or
    int16; ``log_mel`` values (clips, time, frequency), and mean and deviation (clips, 2) that
    were taken out; ``features`` (clips, time, frequency, channels).
    """

    domain: ClassVar[Literal["waveform", "log_mel", "features"]]

    def read(self, positions: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
        """What is stored of the clips at `positions`, in that order."""


def make_batches(
    source: BatchSource,
    positions: NDArray[np.int64],
    labels: NDArray[np.int64],
    classes: int,
    *,
    batch_size: int,
    devices: NDArray[np.int64] | None = None,
    arrays: Mapping[str, NDArray[np.float32]] | None = None,
    shuffle_seed: Sequence[int] | None = None,
    first_batch: int = 0,
    part: Callable[[int], slice] = lambda clips: slice(0, clips),
    on_error: Callable[[DssdError], None] = lambda error: None,
) -> Any:
    """A `tf.data.Dataset` of batches, one pass over the clips.

    A batch is a dictionary: ``x`` of the source's domain, waveforms as (batch, samples) float32,
    log-mels raw as (batch, time, frequency) float64; ``y`` (batch, classes) one-hot float32;
    ``device`` (batch,) int32; and the clips' part of each of `arrays`.

    With `shuffle_seed` the order is a permutation over all shards that depends on it alone, so
    an order can be had again after a restart. The last, smaller batch is kept.

    Args:
        source: Where the clips are read.
        positions: Clips of the source, (clips,).
        labels: Class index of each, (clips,).
        classes: Number of classes.
        batch_size: Clips a batch.
        devices: Device index of each clip, (clips,); None: all 0.
        arrays: Further arrays by name, each with the clips as first axis.
        shuffle_seed: See above; None keeps the order.
        first_batch: Batches of the pass that are left out at its beginning.
        part: What of a batch of so many clips is read; for one of several workers.
        on_error: Is given what went wrong in reading, which TensorFlow would hide.
    """
    import tensorflow as tf

    order = np.arange(len(positions))
    if shuffle_seed is not None:
        order = np.random.default_rng(tuple(shuffle_seed)).permutation(order)
    devices = np.zeros(len(positions), np.int64) if devices is None else devices
    arrays = dict(arrays or {})
    starts = range(first_batch * batch_size, len(order), batch_size)

    def generate() -> Iterator[tuple[Any, ...]]:
        for start in starts:
            rows = order[start : start + batch_size]
            rows = rows[part(len(rows))]
            try:
                stored = source.read(positions[rows])
            except DssdError as error:
                on_error(error)
                raise
            parts = {name: array[rows] for name, array in arrays.items()}
            yield stored, labels[rows].astype(np.int32), devices[rows].astype(np.int32), parts

    like = source.read(positions[:1])
    index = tf.TensorSpec((None,), tf.int32)
    signature = (
        tuple(tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in like),
        index,
        index,
        {
            name: tf.TensorSpec((None, *array.shape[1:]), array.dtype)
            for name, array in arrays.items()
        },
    )

    def decode(stored: Any, label: Any, device: Any, parts: dict[str, Any]) -> dict[str, Any]:
        x = _DECODERS[source.domain](*stored)
        return {"x": x, "y": tf.one_hot(label, classes), "device": device, **parts}

    batches = tf.data.Dataset.from_generator(generate, output_signature=signature)
    batches = batches.apply(tf.data.experimental.assert_cardinality(len(starts)))
    # Read ahead as it is stored: a quarter of the size it has as a batch.
    return batches.prefetch(4).map(decode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)


def _log_mel(values: Any, scale: Any) -> Any:
    import tensorflow as tf

    # In float64, or a nearly silent clip would come back as steps of float32.
    wide = tf.cast(scale, tf.float64)[:, :, None, None]
    return tf.cast(values, tf.float64) * wide[:, 1] + wide[:, 0]


def _waveform(values: Any) -> Any:
    import tensorflow as tf

    if values.dtype == tf.int16:
        return tf.cast(values, tf.float32) / 32768.0
    return tf.cast(values, tf.float32)


def _features(values: Any) -> Any:
    import tensorflow as tf

    return tf.cast(values, tf.float32)


_DECODERS: dict[str, Callable[..., Any]] = {
    "waveform": _waveform,
    "log_mel": _log_mel,
    "features": _features,
}
