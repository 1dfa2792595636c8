from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from dssd_tf.augmentation.batch import clip_count, mix_clips, mixed_keys

MakeBatch = Callable[..., dict[str, Any]]


def test_clips_are_counted(make_batch: MakeBatch) -> None:
    assert int(clip_count(make_batch("waveform", 5))) == 5


def test_what_is_a_number_is_mixed_and_what_is_a_name_is_not(make_batch: MakeBatch) -> None:
    assert mixed_keys(make_batch("features")) == ("x", "y", "teacher", "weight")


def test_every_entry_is_mixed_by_the_same_weights(make_batch: MakeBatch) -> None:
    batch = make_batch("features", 4)
    weights = np.array([1.0, 0.75, 0.5, 0.0], np.float32)
    partner = np.array([2, 3, 1, 0])
    mixed = mix_clips(batch, tf.constant(weights), tf.constant(partner))
    np.testing.assert_array_equal(mixed["device"], batch["device"])
    for key in mixed_keys(batch):
        value = np.asarray(batch[key])
        own = weights.reshape(-1, *[1] * (value.ndim - 1))
        expected = own * value + (1 - own) * value[partner]
        np.testing.assert_allclose(mixed[key], expected, rtol=1e-6)
    np.testing.assert_array_equal(mixed["weight"], [1, 2.5, 2.5, 1])


def test_types_are_kept(make_batch: MakeBatch) -> None:
    batch = make_batch("features", 3, dtype="float16")
    mixed = mix_clips(batch, tf.fill([3], 0.5), tf.constant([1, 2, 0]))
    assert {key: value.dtype for key, value in mixed.items()} == {
        key: value.dtype for key, value in batch.items()
    }
