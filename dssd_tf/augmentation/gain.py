"""Random gain."""

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from dssd_tf.augmentation.batch import Batch, clip_count
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.draws import chosen


class Gain(BatchAugmentation):
    """Makes each clip louder or softer by a gain uniform in dB, drawn for each clip.

    It adds ``gain / 10`` to the log10 of the power: the same as a gain of the waveform, but for
    the small offset of the front end. Where the front end standardises each clip
    (``features.standardize: clip``) a gain has no effect, be it here or on the waveform.
    `probability` is per clip.

    Source: common practice, without a paper of its own.
    """

    domain: ClassVar[Domain] = "log_mel"

    name: Literal["gain"] = "gain"
    min_db: float = Field(-6.0, description="dB, softest")
    max_db: float = Field(6.0, description="dB, loudest")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_db > self.max_db:
            raise ValueError(f"min_db {self.min_db} exceeds max_db {self.max_db}")
        return self

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "random gain"

    def _augment(self, batch: Batch, seed: Any) -> Batch:
        import tensorflow as tf

        clips = clip_count(batch)
        seeds = tf.random.split(seed, 2)
        drawn = tf.random.stateless_uniform([clips], seeds[0])
        decibels = self.min_db + (self.max_db - self.min_db) * drawn
        decibels = tf.where(chosen([clips], self.probability, seeds[1]), decibels, 0.0)
        return {**batch, "x": batch["x"] + tf.cast(decibels, batch["x"].dtype)[:, None, None] / 10}
