"""Stateless random draws: the same seed gives the same numbers, in a graph or outside."""

from typing import Any


def chosen(shape: Any, probability: float, seed: Any) -> Any:
    """Booleans of `shape`, each true with `probability`; `seed` is an integer tensor (2,)."""
    import tensorflow as tf

    return tf.random.stateless_uniform(shape, seed) < probability


def signed(shape: Any, seed: Any) -> Any:
    """Numbers of `shape`, float32, uniform over [-1, 1)."""
    import tensorflow as tf

    return tf.random.stateless_uniform(shape, seed, -1.0, 1.0)


def partners(clips: Any, seed: Any) -> Any:
    """A permutation of the clips, (clips,) int32; a clip may be its own partner."""
    import tensorflow as tf

    return tf.argsort(tf.random.stateless_uniform([clips], seed))


def beta(shape: Any, alpha: float, seeds: Any) -> Any:
    """Numbers of `shape` in [0, 1], float32, from Beta(alpha, alpha).

    `seeds` is an integer tensor (2, 2): a beta number is made of two gamma numbers.
    """
    import tensorflow as tf

    first, second = (
        tf.random.stateless_gamma(shape, seeds[i], alpha, dtype=tf.float64) for i in range(2)
    )
    # Both gammas can underflow to zero for a small alpha; the clip is then left as it is.
    total = first + second
    drawn = tf.where(total > 0, first / tf.where(total > 0, total, 1.0), 1.0)
    return tf.cast(drawn, tf.float32)
