"""Shifting and stretching the mel axis."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from dssd_tf.augmentation.batch import Batch, clip_count
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.draws import chosen, signed
from dssd_tf.augmentation.resampling import read_bands


class FrequencyWarp(BatchAugmentation):
    """Shifts and stretches each clip along the mel bands: what another pitch would do.

    Band f of the result is read at band ``e**s f + d F``, between bands by linear interpolation;
    s is uniform over ± `max_stretch`, d over ± `max_shift`, drawn for each clip, and F the
    number of bands. Where that lies outside, the band at the edge is repeated. `probability` is
    per clip.

    Source: after Jaitly & Hinton, Vocal Tract Length Perturbation (ICML workshop 2013), and the
    random resized crops of Niizumi et al., BYOL for Audio (IJCNN 2021), on the mel axis alone.
    """

    domain: ClassVar[Domain] = "log_mel"

    name: Literal["frequency_warp"] = "frequency_warp"
    max_shift: float = Field(0.075, ge=0, le=0.5, description="share of the bands, either way")
    max_stretch: float = Field(0.075, ge=0, le=1, description="natural logarithm of the factor")

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "frequency warping"

    def _augment(self, batch: Batch, seed: Any) -> Batch:
        import tensorflow as tf

        x, clips = batch["x"], clip_count(batch)
        seeds = tf.random.split(seed, 3)
        bands = tf.cast(tf.shape(x)[2], tf.float32)
        factor = tf.exp(self.max_stretch * signed([clips, 1], seeds[0]))
        shift = self.max_shift * bands * signed([clips, 1], seeds[1])
        warped = read_bands(x, factor * tf.range(bands)[None, :] + shift)
        acts = chosen([clips, 1, 1], self.probability, seeds[2])
        return {**batch, "x": tf.where(acts, warped, x)}
