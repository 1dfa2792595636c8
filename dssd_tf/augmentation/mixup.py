"""Mixup."""

from typing import Any, Literal

from pydantic import Field

from dssd_tf.config import Config


class Mixup(Config):
    """Blends each clip and its label with another clip of the batch.

    ``x' = l x + (1 - l) x[p]``, the same for the labels; one l ~ Beta(alpha, alpha) and one
    permutation p a batch, as in DSMN's training (DCASE 2023 technical report 61).

    Source: Zhang et al., mixup (ICLR 2018).
    """

    name: Literal["mixup"] = "mixup"
    alpha: float = Field(0.2, gt=0, description="of the Beta distribution")
    share: float = Field(1.0, gt=0, le=1, description="leading share of the batch that is mixed")
    from_epoch: int = Field(1, ge=1, description="first epoch that mixes")

    def __call__(self, features: Any, labels: Any, *, seed: Any) -> tuple[Any, Any]:
        """Mix a batch.

        `features` is (batch, time, frequency, channels), `labels` (batch, classes) one-hot or
        soft, `seed` an integer tensor (2,): the same seed gives the same mix.
        """
        import tensorflow as tf

        size = tf.shape(features)[0]
        seeds = tf.random.split(seed, 3)
        gammas = tf.stack(
            [
                tf.random.stateless_gamma([], seeds[i], self.alpha, dtype=tf.float64)
                for i in range(2)
            ]
        )
        # Both gammas can underflow to zero for a small alpha; then either end is as likely.
        total = tf.reduce_sum(gammas)
        weight = tf.where(total > 0, gammas[0] / tf.where(total > 0, total, 1.0), 1.0)
        weight = tf.cast(weight, features.dtype)
        partner = tf.argsort(tf.random.stateless_uniform([size], seeds[2]))
        mixed = tf.cast(tf.round(self.share * tf.cast(size, tf.float32)), tf.int32)
        weights = tf.where(tf.range(size) < mixed, weight, tf.ones_like(weight))
        wide = tf.reshape(weights, (-1, 1, 1, 1))
        flat = tf.reshape(weights, (-1, 1))
        features = wide * features + (1 - wide) * tf.gather(features, partner)
        labels = flat * labels + (1 - flat) * tf.gather(labels, partner)
        return features, labels

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "mixup"
