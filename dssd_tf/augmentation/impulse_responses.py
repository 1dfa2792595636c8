"""A folder of impulse responses as one array."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import DataError


def read_impulse_responses(
    folder: Path, sampling_rate: int, max_seconds: float
) -> NDArray[np.float32]:
    """Every WAV file under `folder`, in the order of their paths.

    Other rates are resampled, channels averaged. Each response is cut to `max_seconds`, brought
    to unit energy and padded with zeros to the longest.

    Returns:
        (responses, samples).

    Raises:
        DataError: The folder is missing or has no WAV file; or a file cannot be read, is empty
            or silent, or holds NaN.
    """
    from dssd_tf.data.audio import ClipReader
    from dssd_tf.data.config import AudioConfig

    if not folder.is_dir():
        raise DataError(
            "no such folder of impulse responses",
            path=folder,
            fix="correct the folder of device_impulse_response in the recipe",
        )
    # Files that begin with a dot are what some archivers leave beside the real ones.
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() == ".wav" and not path.name.startswith(".")
    )
    if not paths:
        raise DataError(
            "has no impulse response",
            path=folder,
            fix="put WAV files there, or correct the folder of device_impulse_response",
        )
    policy = AudioConfig(sampling_rate_mismatch="resample", multichannel="downmix")
    reader = ClipReader(sampling_rate, None, policy)
    most = max(1, round(max_seconds * sampling_rate))
    responses = [_unit_energy(reader(path)[:most], path) for path in paths]
    longest = max(map(len, responses))
    return np.stack([np.pad(response, (0, longest - len(response))) for response in responses])


def _unit_energy(response: NDArray[np.float32], path: Path) -> NDArray[np.float32]:
    exact = response.astype(np.float64)
    energy = np.sqrt(np.sum(exact**2))
    if energy == 0:
        raise DataError("is silent", path=path, fix="take it out of the folder")
    return (exact / energy).astype(np.float32)
