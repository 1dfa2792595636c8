"""How the devices of a training set colour the same sound."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dssd_tf.augmentation.training_context import TrainingContext
from dssd_tf.errors import DataError
from dssd_tf.progress import bar

_CHUNK = 256


@dataclass(frozen=True, eq=False)
class DeviceSpectra:
    """The spectra of devices relative to a reference device.

    Attributes:
        reference: Index of the reference device.
        differences: (devices, frequency), mean of device minus reference in log10 of power;
            zero where there are no pairs.
        pairs: (devices,) number of segments that both have recorded.
    """

    reference: int
    differences: NDArray[np.float32]
    pairs: NDArray[np.int64]


def measure_device_spectra(context: TrainingContext, reference: str) -> DeviceSpectra:
    """Compare the devices over the segments that they and the reference have recorded at once.

    Parallel recordings have names that differ in the device alone. Each pair counts the same;
    spectra are means over time of the raw log-mels of the training clips.

    Raises:
        DataError: The reference has no training clip, or shares no segment with another device.
        ValueError: The context has no clips, a clip of an unknown device, or log-mels of
            another number of bands.
    """
    if context.clips is None or context.gather_raw is None:
        raise ValueError("the context has no training clips with raw log-mels")
    found = sorted(set(context.clips["device"]))
    unknown = [device for device in found if device not in context.devices]
    if unknown:
        raise ValueError(f"clips of device {unknown[0]!r}, which is not in {context.devices}")
    if reference not in found:
        raise DataError(
            f"no training clip is of the reference device {reference!r}",
            fix=f"set reference_device to one of {', '.join(found)}",
        )
    pairs = _pairs(context.clips, reference)
    if pairs.empty:
        raise DataError(
            f"no segment is recorded both by device {reference!r} and by another device "
            f"(of {len(context.clips)} training clips)",
            fix="take device_spectrum_modulation out of the recipe: it needs parallel recordings "
            "named scene-city-location-segment-device.wav",
        )
    index = {device: i for i, device in enumerate(context.devices)}
    device = pairs["device"].map(index).to_numpy(np.int64)
    counts = np.bincount(device, minlength=len(index))
    # The mean over pairs is one weighted sum over clips: each clip is read once, none is kept.
    weights = np.zeros((len(index), len(context.clips)))
    np.add.at(weights, (device, pairs["row"].to_numpy()), 1 / counts[device])
    np.add.at(weights, (device, pairs["reference_row"].to_numpy()), -1 / counts[device])
    rows = np.flatnonzero(weights.any(axis=0))
    total = np.zeros((len(index), context.n_mels))
    with bar("device spectra", len(rows)) as advance:
        for start in range(0, len(rows), _CHUNK):
            part = rows[start : start + _CHUNK]
            log_mel = np.asarray(context.gather_raw(part))
            if log_mel.ndim != 3 or log_mel.shape[::2] != (len(part), context.n_mels):
                raise ValueError(
                    f"expected raw log-mels ({len(part)}, time, {context.n_mels}), "
                    f"got shape {log_mel.shape}"
                )
            total += weights[:, part] @ log_mel.mean(axis=1, dtype=np.float64)
            advance(len(part))
    return DeviceSpectra(index[reference], total.astype(np.float32), counts)


def _pairs(clips: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Columns device, row, reference_row: one row for each clip of a parallel pair."""
    from dssd_tf.data.clip_name import parse_clip_name

    segments = []
    for name in clips["filename"]:
        parts = parse_clip_name(name)
        segments.append(
            None
            if parts is None
            else f"{parts.scene}-{parts.city}-{parts.location}-{parts.segment}-{parts.sub}"
        )
    table = pd.DataFrame(
        {
            "segment": pd.Series(segments, dtype=object),
            "device": clips["device"].to_numpy(),
            "row": np.arange(len(clips)),
        }
    ).dropna(subset="segment")
    own = table["device"] == reference
    anchors = table.loc[own, ["segment", "row"]].rename(columns={"row": "reference_row"})
    return table[~own].merge(anchors, on="segment")
