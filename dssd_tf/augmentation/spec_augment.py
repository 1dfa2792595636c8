"""SpecAugment's masks."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from dssd_tf.augmentation.batch import Batch, clip_count
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.draws import chosen


class SpecAugment(BatchAugmentation):
    """Blanks stripes of time and of mel bands, in all channels, drawn for each clip.

    Each stripe's width is uniform over 0 … its maximum, both included, then its start uniform
    over where it fits; stripes may overlap. `probability` is per clip. The default (two and
    two, up to 2 wide) is that of DSMN's training (DCASE 2023 technical report 61).

    Source: Park et al., SpecAugment: A Simple Data Augmentation Method for Automatic Speech
    Recognition (Interspeech 2019), without its time warping.
    """

    domain: ClassVar[Domain] = "features"

    name: Literal["spec_augment"] = "spec_augment"
    time_masks: int = Field(2, ge=0, description="stripes of frames")
    time_width: int = Field(2, ge=0, description="frames, the widest stripe")
    mel_masks: int = Field(2, ge=0, description="stripes of mel bands")
    mel_width: int = Field(2, ge=0, description="bands, the widest stripe")
    fill: Literal["zero", "mean"] = Field(
        "zero",
        description="zero is the mean of standardised features; mean: the clip's, by channel",
    )

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "SpecAugment"

    def _augment(self, batch: Batch, seed: Any) -> Batch:
        import tensorflow as tf

        x, clips = batch["x"], clip_count(batch)
        seeds = tf.random.split(seed, 3)
        acts = chosen([clips], self.probability, seeds[2])
        time = stripes(clips, tf.shape(x)[1], self.time_masks, self.time_width, seeds[0])
        mel = stripes(clips, tf.shape(x)[2], self.mel_masks, self.mel_width, seeds[1])
        blank = (time[:, :, None] | mel[:, None, :]) & acts[:, None, None]
        filling = tf.zeros([], x.dtype)
        if self.fill == "mean":
            filling = tf.reduce_mean(x, axis=[1, 2], keepdims=True)
        return {**batch, "x": tf.where(blank[..., None], filling, x)}


def stripes(clips: Any, size: Any, count: int, width: int, seed: Any) -> Any:
    """Where `count` random stripes of up to `width` lie on an axis, (clips, size) bool.

    No stripe is wider than the axis.
    """
    import tensorflow as tf

    seeds = tf.random.split(seed, 2)
    widths = tf.random.stateless_uniform([clips, count], seeds[0], 0, width + 1, tf.int32)
    widths = tf.minimum(widths, size)
    room = size - widths
    drawn = tf.random.stateless_uniform([clips, count], seeds[1]) * tf.cast(room + 1, tf.float32)
    # A draw just under 1 can round up to one place too far.
    starts = tf.minimum(tf.cast(drawn, tf.int32), room)[:, None, :]
    place = tf.range(size)[None, :, None]
    return tf.reduce_any((place >= starts) & (place < starts + widths[:, None, :]), axis=2)
