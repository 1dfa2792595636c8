"""Attribution by occlusion: what the network thinks when a part of the clip is blank."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dssd_tf.evaluation.predictor import Predictor, log_softmax

# Variants of a clip at a time.
_BATCH = 64


@dataclass(frozen=True)
class Occlusion:
    """How the log-probability of one class depends on the parts of a clip.

    An effect is the natural log-probability of the class with the whole clip, less that with
    the part blank: above 0 where the part speaks for the class, below 0 where it speaks against.

    Args:
        label: Index of the class.
        probabilities: Of all classes with the whole clip, (classes,).
        effects: Of each patch, (time patches, frequency patches), the lowest bands first.
        low: Of the lower half of the bands.
        high: Of the upper half.
        time_edges: First frame of each patch and the number of frames, (time patches + 1,).
        band_edges: First band of each patch and the number of bands, (frequency patches + 1,).
    """

    label: int
    probabilities: NDArray[np.float64]
    effects: NDArray[np.float64]
    low: float
    high: float
    time_edges: NDArray[np.int64]
    band_edges: NDArray[np.int64]


def occlude(
    predictor: Predictor,
    features: NDArray[np.float32],
    classes: int,
    *,
    label: int | None = None,
    patches: tuple[int, int] = (8, 8),
) -> Occlusion:
    """Blank one patch after the other, and each half of the bands.

    A blank part holds each channel's mean over the clip, which is 0 in standardised features.
    That is plain, needs no gradient and so works on int8 models too, and it has a known fault: a
    sound that fills many patches is not missed in any single one.

    Source: Zeiler & Fergus, "Visualizing and understanding convolutional networks" (2014).

    Args:
        predictor: Gives logits.
        features: Of one clip, (time, frequency, channels).
        classes: Outputs that are scenes; coarse classes behind them are left out.
        label: The class that is asked about; None for the most probable one.
        patches: Parts of the time and of the frequency axis.

    Raises:
        ValueError: The features are not those of one clip, there are more patches than frames or
            bands, or there is no such class.
    """
    if features.ndim != 3:
        raise ValueError(f"expected (time, frequency, channels), got shape {features.shape}")
    for axis, count, size in zip(("time", "frequency"), patches, features.shape, strict=False):
        if not 1 <= count <= size:
            raise ValueError(f"{count} patches of a {axis} axis of {size}: give 1 to {size}")
    if label is not None and not 0 <= label < classes:
        raise ValueError(f"no class {label} among {classes}")
    time_edges, band_edges = (
        np.linspace(0, size, count + 1).round().astype(np.int64)
        for count, size in zip(patches, features.shape, strict=False)
    )
    half = features.shape[1] // 2
    regions = [
        (slice(None), slice(None, 0)),
        (slice(None), slice(None, half)),
        (slice(None), slice(half, None)),
        *(
            (slice(first, last), slice(low, high))
            for first, last in itertools.pairwise(time_edges)
            for low, high in itertools.pairwise(band_edges)
        ),
    ]
    found = np.concatenate(
        [log_softmax(predictor(part)[:, :classes]) for part in _blanked(features, regions)]
    )
    whole = found[0]
    asked = int(whole.argmax()) if label is None else label
    low, high, *effects = whole[asked] - found[1:, asked]
    return Occlusion(
        label=asked,
        probabilities=np.exp(whole),
        effects=np.reshape(effects, patches),
        low=float(low),
        high=float(high),
        time_edges=time_edges,
        band_edges=band_edges,
    )


def _blanked(
    features: NDArray[np.float32], regions: list[tuple[slice, slice]]
) -> Iterator[NDArray[np.float32]]:
    """The clip with each region blank, in batches (variants, time, frequency, channels)."""
    mean = features.mean(axis=(0, 1))
    for start in range(0, len(regions), _BATCH):
        part = regions[start : start + _BATCH]
        batch = np.repeat(features[None], len(part), axis=0)
        for clip, (times, bands) in zip(batch, part, strict=True):
            clip[times, bands] = mean
        yield batch
