"""FilterAugment: a random filter on each clip."""

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from dssd_tf.augmentation.batch import Batch, clip_count
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.draws import chosen, signed


class FilterAugment(BatchAugmentation):
    """Filters each clip: a gain in dB that varies piecewise linearly over the mel bands.

    The mel axis is cut into `min_ranges` … `max_ranges` ranges, as many as are drawn for the
    clip, at places drawn uniformly among those where no range is narrower than `least_share` of
    the axis. At each border, and at both ends of the axis, a gain uniform over ± `max_db` is
    drawn. Rooms and devices filter likewise. `probability` is per clip.

    Source: Nam et al., FilterAugment: An Acoustic Environmental Data Augmentation Method
    (ICASSP 2022), the linear type.
    """

    domain: ClassVar[Domain] = "log_mel"

    name: Literal["filter_augment"] = "filter_augment"
    min_ranges: int = Field(3, ge=1, description="fewest ranges of bands")
    max_ranges: int = Field(6, ge=1, le=64, description="most ranges of bands")
    least_share: float = Field(0.05, ge=0, description="of the mel axis, the narrowest range")
    max_db: float = Field(6.0, gt=0, description="dB, largest gain either way")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.min_ranges > self.max_ranges:
            raise ValueError(f"min_ranges {self.min_ranges} exceeds max_ranges {self.max_ranges}")
        if self.max_ranges * self.least_share > 1:
            raise ValueError(
                f"{self.max_ranges} ranges of {self.least_share} of the axis or more do not fit "
                "on it; lower max_ranges or least_share"
            )
        return self

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "FilterAugment"

    def _augment(self, batch: Batch, seed: Any) -> Batch:
        import tensorflow as tf

        x, clips = batch["x"], clip_count(batch)
        seeds = tf.random.split(seed, 4)
        counts = tf.random.stateless_uniform(
            [clips, 1], seeds[0], self.min_ranges, self.max_ranges + 1, tf.int32
        )
        borders = self._borders(counts, seeds[1])
        gains = self.max_db * signed([clips, self.max_ranges + 1], seeds[2])
        bands = tf.shape(x)[2]
        places = tf.cast(tf.range(bands), tf.float32) / tf.cast(
            tf.maximum(bands - 1, 1), tf.float32
        )
        decibels = interpolated(borders, gains, places)
        decibels = tf.where(chosen([clips, 1], self.probability, seeds[3]), decibels, 0.0)
        return {**batch, "x": x + tf.cast(decibels, x.dtype)[:, None, :] / 10}

    def _borders(self, counts: Any, seed: Any) -> Any:
        """(clips, max_ranges + 1) from 0 to 1 of the axis; behind the last range all are 1."""
        import tensorflow as tf

        used = tf.range(self.max_ranges)[None, :] < counts
        # Shares of exponential numbers are uniform among all ways to cut the axis.
        drawn = -tf.math.log(
            tf.random.stateless_uniform(tf.shape(used), seed, minval=1e-7, maxval=1.0)
        )
        drawn = tf.where(used, drawn, 0.0)
        free = 1.0 - self.least_share * tf.cast(counts, tf.float32)
        widths = free * drawn / tf.reduce_sum(drawn, axis=1, keepdims=True)
        widths += tf.where(used, self.least_share, 0.0)
        # The last border is the end of the axis, whatever the sum was rounded to.
        inside = tf.range(1, self.max_ranges + 1)[None, :] < counts
        borders = tf.where(inside, tf.cumsum(widths, axis=1), 1.0)
        return tf.concat([tf.zeros_like(borders[:, :1]), borders], axis=1)


def interpolated(borders: Any, values: Any, places: Any) -> Any:
    """Piecewise linear functions at `places`, (batch, n).

    Args:
        borders: (batch, m) rising from 0 to 1, where the functions are known.
        values: (batch, m), their values there.
        places: (n,) in [0, 1].
    """
    import tensorflow as tf

    places = tf.repeat(places[None, :], tf.shape(borders)[0], axis=0)
    right = tf.searchsorted(borders, places, side="left")
    right = tf.clip_by_value(right, 1, tf.shape(borders)[1] - 1)
    low, high = (tf.gather(borders, index, batch_dims=1) for index in (right - 1, right))
    width = high - low
    share = tf.where(width > 0, (places - low) / tf.where(width > 0, width, 1.0), 0.0)
    start, end = (tf.gather(values, index, batch_dims=1) for index in (right - 1, right))
    return start + tf.clip_by_value(share, 0.0, 1.0) * (end - start)
