"""A training batch: the arrays of its clips by name, and which of them mixing blends."""

from typing import Any

Batch = dict[str, Any]
"""Tensors by name, each with the clips as first axis.

- ``x``: (batch, samples) waveforms, (batch, time, frequency) raw log-mels in log10 of power, or
  (batch, time, frequency, channels) finished features, by the domain of the augmentation;
- ``y``: (batch, classes), one-hot or soft labels;
- ``device``: (batch,) int32, index into the data's list of devices;
- any further array of the clips, such as ``teacher`` (batch, classes), stored logits, or
  ``weight`` (batch,), the weight of a clip in the loss.
"""


def clip_count(batch: Batch) -> Any:
    """The number of clips in the batch, a scalar int32 tensor."""
    import tensorflow as tf

    return tf.shape(batch["x"])[0]


def mixed_keys(batch: Batch) -> tuple[str, ...]:
    """The entries that are blended when clips are mixed: every one of floating point.

    These are ``x``, ``y``, ``teacher``, ``weight`` and the like. Integer entries name things
    that have no mean; ``device`` stays that of the clip itself.
    """
    return tuple(key for key, value in batch.items() if value.dtype.is_floating)


def mix_clips(batch: Batch, weights: Any, partner: Any) -> Batch:
    """Blend each clip with another of the batch: ``w v + (1 - w) v[partner]``.

    Args:
        batch: Tensors of any rank; those of `mixed_keys` are blended, all by the same weights.
        weights: (batch,) share of the clip itself, in [0, 1].
        partner: (batch,) integer, index of the other clip.
    """
    import tensorflow as tf

    mixed = dict(batch)
    for key in mixed_keys(batch):
        value = batch[key]
        own = tf.reshape(tf.cast(weights, value.dtype), [-1] + [1] * (value.shape.rank - 1))
        mixed[key] = own * value + (1 - own) * tf.gather(value, partner)
    return mixed
