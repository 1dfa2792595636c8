"""Mixup."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from dssd_tf.augmentation.batch import Batch, clip_count, mix_clips
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.draws import beta, chosen, partners


class Mixup(BatchAugmentation):
    """Blends each clip and its label with another clip of the batch.

    ``x' = l x + (1 - l) x[p]``, the same for the labels and every other entry of
    `mixed_keys`, with l ~ Beta(alpha, alpha) and one permutation p a batch. One l a batch, and
    `probability` a batch, as in DSMN's training (DCASE 2023 technical report 61: alpha 0.2,
    ``share: 0.5, from_epoch: 60``); with `per_clip` one l a clip, and `probability` a clip.

    Source: Zhang et al., mixup: Beyond Empirical Risk Minimization (ICLR 2018).
    """

    domain: ClassVar[Domain] = "features"

    name: Literal["mixup"] = "mixup"
    probability: float = Field(
        1.0, ge=0, le=1, description="of mixing a batch; with per_clip, a clip"
    )
    alpha: float = Field(0.2, gt=0, description="of the Beta distribution")
    share: float = Field(1.0, gt=0, le=1, description="leading share of the batch that is mixed")
    per_clip: bool = Field(False, description="draw the weight for each clip, not for the batch")

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "mixup"

    def _augment(self, batch: Batch, seed: Any) -> Batch:
        import tensorflow as tf

        clips = clip_count(batch)
        seeds = tf.random.split(seed, 3)
        shape = [clips] if self.per_clip else []
        weight = beta(shape, self.alpha, seeds[:2])
        acts = chosen(shape, self.probability, tf.random.fold_in(seed, 3))
        leading = tf.cast(tf.round(self.share * tf.cast(clips, tf.float32)), tf.int32)
        weights = tf.where(acts & (tf.range(clips) < leading), weight, 1.0)
        return mix_clips(batch, weights, partners(clips, seeds[2]))
