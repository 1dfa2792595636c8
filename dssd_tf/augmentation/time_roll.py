"""Rolling in time."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from dssd_tf.augmentation.batch import Batch, clip_count
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.draws import chosen


class TimeRoll(BatchAugmentation):
    """Shifts each clip in time by whole frames; what leaves at one end enters at the other.

    The shift is uniform over -m … m frames, m being `max_share` of the clip, drawn for each
    clip; `probability` is per clip. A scene has no beginning, so that the label stays. It acts
    on frames: rolling the waveform by as many hops gives the same but for the frames across
    the seam.

    Source: the DCASE 2024 Task 1 baseline (Schmid et al., 2024), which rolls the waveform of
    1 s by up to 0.1 s.
    """

    domain: ClassVar[Domain] = "log_mel"

    name: Literal["time_roll"] = "time_roll"
    max_share: float = Field(
        0.1, gt=0, le=0.5, description="largest shift either way, share of the clip"
    )

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "time rolling"

    def _augment(self, batch: Batch, seed: Any) -> Batch:
        import tensorflow as tf

        clips = clip_count(batch)
        seeds = tf.random.split(seed, 2)
        frames = tf.cast(tf.shape(batch["x"])[1], tf.float32)
        most = tf.cast(tf.round(self.max_share * frames), tf.int32)
        shifts = tf.random.stateless_uniform([clips], seeds[0], -most, most + 1, tf.int32)
        shifts = tf.where(chosen([clips], self.probability, seeds[1]), shifts, 0)
        return {**batch, "x": roll_frames(batch["x"], shifts)}


def roll_frames(log_mel: Any, shifts: Any) -> Any:
    """Frames moved later by `shifts`, (batch,) integer, in (batch, time, frequency)."""
    import tensorflow as tf

    frames = tf.shape(log_mel)[1]
    source = tf.math.floormod(tf.range(frames)[None, :] - shifts[:, None], frames)
    return tf.gather(log_mel, source, batch_dims=1)
