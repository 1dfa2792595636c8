"""From the log-mel spectrogram to the network's input, in NumPy: standardisation and channels."""

import numpy as np
from numpy.typing import NDArray

from dssd_tf.features.config import LogMelConfig

DEVIATION_FLOOR = 1e-6
"""Least standard deviation that is divided by: a constant clip becomes zero, not NaN."""


def finish(log_mel: NDArray[np.floating], config: LogMelConfig) -> NDArray[np.float32]:
    """Features (…, time, frequency, channels) of raw log-mels (…, time, frequency).

    Each clip is brought to zero mean and unit (unbiased) deviation over time and frequency, if
    `config.standardize` is ``"clip"``. With `config.deltas`, the second channel is the slope of
    the first over five frames (edges replicated), standardised likewise; it equals
    ``librosa.feature.delta(width=5, mode="nearest")``. With `config.band_centred`, the last
    channel is the first less each band's mean over time, standardised likewise. `FinishFeatures`
    does the same in a graph.

    Source: Wang, Wu & Li, DCASE 2023 technical report 61; the regression of the deltas is that
    of HTK (Young et al., The HTK Book, 2002); the centred bands are cepstral mean normalization
    (Atal, JASA 1974) before the cosine transform.

    Raises:
        ValueError: There are fewer than two dimensions, or no frame or band.
    """
    values = np.asarray(log_mel, dtype=np.float64)
    if values.ndim < 2 or 0 in values.shape[-2:]:
        raise ValueError(f"expected log-mels (…, time, frequency), got shape {values.shape}")
    standardized = config.standardize == "clip"
    channels = np.empty((*values.shape, config.channels), dtype=np.float32)
    if standardized:
        values = _standardize(values)
    channels[..., 0] = values
    further = [_deltas(values)] if config.deltas else []
    if config.band_centred:
        further.append(values - values.mean(axis=-2, keepdims=True))
    for index, channel in enumerate(further, start=1):
        channels[..., index] = _standardize(channel) if standardized else channel
    return channels


def _standardize(values: NDArray[np.float64]) -> NDArray[np.float64]:
    # In float32 the mean of equal values is a rounding error off, which the division blows up.
    count = values.shape[-2] * values.shape[-1]
    centred = values - values.mean(axis=(-2, -1), keepdims=True)
    variance = np.square(centred).sum(axis=(-2, -1), keepdims=True) / max(count - 1, 1)
    centred /= np.maximum(np.sqrt(variance), DEVIATION_FLOOR)
    return centred


def _deltas(values: NDArray[np.float64]) -> NDArray[np.float64]:
    edges = [(0, 0)] * (values.ndim - 2) + [(2, 2), (0, 0)]
    padded = np.pad(values, edges, mode="edge")
    far = padded[..., 4:, :] - padded[..., :-4, :]
    near = padded[..., 3:-1, :] - padded[..., 1:-3, :]
    return (2 * far + near) / 10
