"""A recorder's own noise."""

import math
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from dssd_tf.augmentation.batch import Batch, clip_count
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.draws import chosen

_FLUCTUATION_DB = 1.5


class NoiseFloor(BatchAugmentation):
    """Adds a steady noise to each clip, as a noisier recorder does.

    The powers of clip and noise are summed in every frame and band. The noise lies between
    `least_db` and `most_db` below the clip's loudest cell, uniformly drawn for each clip; over
    the mel axis it rises or falls by a normally distributed slope, `tilt_db` at the ends; and
    each cell fluctuates by 1.5 dB. `probability` is per clip.

    Source: common practice, without a paper of its own.
    """

    domain: ClassVar[Domain] = "log_mel"

    name: Literal["noise_floor"] = "noise_floor"
    probability: float = Field(0.5, ge=0, le=1, description="of acting on a clip")
    least_db: float = Field(35.0, description="dB below the loudest cell, the loudest noise")
    most_db: float = Field(80.0, description="dB below the loudest cell, the softest noise")
    tilt_db: float = Field(5.0, ge=0, description="dB, deviation of the tilt at the axis's ends")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least_db > self.most_db:
            raise ValueError(f"least_db {self.least_db} exceeds most_db {self.most_db}")
        return self

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "added noise floor"

    def _augment(self, batch: Batch, seed: Any) -> Batch:
        import tensorflow as tf

        x, clips = batch["x"], clip_count(batch)
        seeds = tf.random.split(seed, 4)
        loudest = tf.reduce_max(x, axis=[1, 2], keepdims=True)
        below = tf.random.stateless_uniform([clips, 1, 1], seeds[0], self.least_db, self.most_db)
        slopes = tf.random.stateless_normal([clips, 1, 1], seeds[1], stddev=self.tilt_db)
        tilt = slopes * tf.linspace(-1.0, 1.0, tf.shape(x)[2])[None, None, :]
        cells = tf.random.stateless_normal(tf.shape(x), seeds[2], stddev=_FLUCTUATION_DB)
        noise = loudest + tf.cast(tilt - below + cells, x.dtype) / 10
        # log10(10**a + 10**b) without leaving the range of the floats.
        summed = tf.maximum(x, noise) + tf.math.log1p(10.0 ** -tf.abs(x - noise)) / math.log(10.0)
        acts = chosen([clips, 1, 1], self.probability, seeds[3])
        return {**batch, "x": tf.where(acts, summed, x)}
