"""Reading log-mels between their frames and bands."""

from typing import Any


def read_frames(log_mel: Any, places: Any) -> Any:
    """Log-mels at other times, by linear interpolation.

    Args:
        log_mel: (batch, time, frequency).
        places: (batch, n) where to read, in frames; the clip goes on at its other end: frame
            `time` is frame 0 again.

    Returns:
        (batch, n, frequency).
    """
    import tensorflow as tf

    frames = tf.shape(log_mel)[1]
    below = tf.floor(places)
    first = tf.math.floormod(tf.cast(below, tf.int32), frames)
    second = tf.math.floormod(first + 1, frames)
    share = tf.cast(places - below, log_mel.dtype)[..., None]
    early = tf.gather(log_mel, first, batch_dims=1)
    return early + share * (tf.gather(log_mel, second, batch_dims=1) - early)


def read_bands(log_mel: Any, places: Any) -> Any:
    """Log-mels at other bands, by linear interpolation.

    Args:
        log_mel: (batch, time, frequency).
        places: (batch, n) where to read, in bands; outside 0 … frequency - 1 the band at the
            edge counts.

    Returns:
        (batch, time, n).
    """
    import tensorflow as tf

    last = tf.shape(log_mel)[2] - 1
    places = tf.clip_by_value(places, 0.0, tf.cast(last, places.dtype))
    below = tf.floor(places)
    first = tf.cast(below, tf.int32)
    share = tf.cast(places - below, log_mel.dtype)[..., None]
    by_band = tf.transpose(log_mel, (0, 2, 1))
    low = tf.gather(by_band, first, batch_dims=1)
    high = tf.gather(by_band, tf.minimum(first + 1, last), batch_dims=1)
    return tf.transpose(low + share * (high - low), (0, 2, 1))
