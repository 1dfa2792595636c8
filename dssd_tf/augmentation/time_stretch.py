"""Playing a clip faster or slower."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from dssd_tf.augmentation.batch import Batch, clip_count
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.draws import chosen, signed
from dssd_tf.augmentation.resampling import read_frames


class TimeStretch(BatchAugmentation):
    """Plays each clip faster or slower, without another pitch.

    Frame t of the result is read at frame ``e**s t``, between frames by linear interpolation; s
    is uniform over ± `max_stretch`, drawn for each clip. What a faster clip lacks at its end is
    taken from its start. `probability` is per clip.

    Source: common practice, as in Salamon & Bello, Deep Convolutional Neural Networks and Data
    Augmentation for Environmental Sound Classification (IEEE SPL 2017), who stretch the
    waveform.
    """

    domain: ClassVar[Domain] = "log_mel"

    name: Literal["time_stretch"] = "time_stretch"
    max_stretch: float = Field(0.2, gt=0, le=1, description="natural logarithm of the factor")

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "time stretching"

    def _augment(self, batch: Batch, seed: Any) -> Batch:
        import tensorflow as tf

        x, clips = batch["x"], clip_count(batch)
        seeds = tf.random.split(seed, 2)
        frames = tf.cast(tf.shape(x)[1], tf.float32)
        factor = tf.exp(self.max_stretch * signed([clips, 1], seeds[0]))
        stretched = read_frames(x, factor * tf.range(frames)[None, :])
        acts = chosen([clips, 1, 1], self.probability, seeds[1])
        return {**batch, "x": tf.where(acts, stretched, x)}
