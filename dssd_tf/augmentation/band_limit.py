"""The frequencies a recorder leaves out."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from dssd_tf.augmentation.batch import Batch, clip_count
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.draws import chosen


class BandLimit(BatchAugmentation):
    """Lets the lowest and the highest bands of each clip fall off, as a small recorder does.

    Below a corner uniform over 0 … `low_share` of the mel axis, and above one uniform over
    1 - `high_share` … 1, levels fall by `slope_db` for every tenth of the axis. The corners are
    drawn for each clip; `probability` is per clip.

    Source: common practice, without a paper of its own.
    """

    domain: ClassVar[Domain] = "log_mel"

    name: Literal["band_limit"] = "band_limit"
    probability: float = Field(0.5, ge=0, le=1, description="of acting on a clip")
    low_share: float = Field(0.15, ge=0, le=1, description="of the mel axis, highest low corner")
    high_share: float = Field(0.25, ge=0, le=1, description="of the mel axis, lowest high corner")
    slope_db: float = Field(20.0, gt=0, description="dB for a tenth of the mel axis")

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "band limits"

    def _augment(self, batch: Batch, seed: Any) -> Batch:
        import tensorflow as tf

        x, clips = batch["x"], clip_count(batch)
        seeds = tf.random.split(seed, 3)
        places = tf.linspace(0.0, 1.0, tf.shape(x)[2])[None, :]
        low = self.low_share * tf.random.stateless_uniform([clips, 1], seeds[0])
        high = 1 - self.high_share * tf.random.stateless_uniform([clips, 1], seeds[1])
        outside = tf.nn.relu(low - places) + tf.nn.relu(places - high)
        outside = tf.where(chosen([clips, 1], self.probability, seeds[2]), outside, 0.0)
        fall = tf.cast(self.slope_db * outside, x.dtype)
        return {**batch, "x": x - fall[:, None, :]}
