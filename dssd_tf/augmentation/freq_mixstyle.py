"""Freq-MixStyle."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from dssd_tf.augmentation.batch import Batch, clip_count
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.draws import beta, chosen, partners

_VARIANCE_FLOOR = 1e-6


class FreqMixStyle(BatchAugmentation):
    """Gives each clip a spectrum and dynamics between its own and those of another clip.

    The mean and deviation over time of each mel band are replaced by
    ``l s + (1 - l) s[p]`` of the clip and its partner, with one l ~ Beta(alpha, alpha) a clip
    and one permutation p a batch; the labels stay. A device colours every recording alike, so
    this mixes devices, seen or not. `probability` is per batch, as in the method; the default
    of 0.4 and alpha 0.3 are those of the DCASE 2024 Task 1 baseline.

    Source: Schmid et al., CP-JKU submission to DCASE 2022 Task 1; Kim et al., Domain
    Generalization with Relaxed Instance Frequency-wise Normalization (Interspeech 2022); after
    Zhou et al., Domain Generalization with MixStyle (ICLR 2021).
    """

    domain: ClassVar[Domain] = "log_mel"

    name: Literal["freq_mixstyle"] = "freq_mixstyle"
    probability: float = Field(0.4, ge=0, le=1, description="of mixing a batch")
    alpha: float = Field(0.3, gt=0, description="of the Beta distribution")

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "Freq-MixStyle"

    def _augment(self, batch: Batch, seed: Any) -> Batch:
        import tensorflow as tf

        clips = clip_count(batch)
        seeds = tf.random.split(seed, 4)
        weights = beta([clips], self.alpha, seeds[:2])
        mixed = mix_statistics(batch["x"], weights, partners(clips, seeds[2]))
        acts = chosen([], self.probability, seeds[3])
        return {**batch, "x": tf.where(acts, mixed, batch["x"])}


def mix_statistics(log_mel: Any, weights: Any, partner: Any) -> Any:
    """Log-mels with the mean and deviation over time of each band blended with a partner's.

    Args:
        log_mel: (batch, time, frequency).
        weights: (batch,) share of the clip's own statistics, in [0, 1].
        partner: (batch,) integer, index of the other clip.
    """
    import tensorflow as tf

    mean, variance = tf.nn.moments(log_mel, axes=[1], keepdims=True)
    deviation = tf.sqrt(variance + _VARIANCE_FLOOR)
    own = tf.reshape(tf.cast(weights, log_mel.dtype), (-1, 1, 1))

    def blended(statistic: Any) -> Any:
        return own * statistic + (1 - own) * tf.gather(statistic, partner)

    return (log_mel - mean) / deviation * blended(deviation) + blended(mean)
