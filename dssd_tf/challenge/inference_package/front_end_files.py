"""The front end as arrays and settings that the package's own code computes from."""

import io
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.challenge.inference_package.runtime.front_end import ARRAYS, SETTINGS, FrontEnd
from dssd_tf.errors import PackageError
from dssd_tf.features import LogMelConfig, LogMelExtractor

_TOLERANCE = 1e-5
"""Largest difference of two raw log-mels, in log10."""


def front_end_files(
    config: LogMelConfig, samples: int, clip: NDArray[np.float32]
) -> dict[str, bytes]:
    """The files of a front end, by name, proven on a clip.

    Args:
        config: The front end.
        samples: Samples of a clip.
        clip: A waveform (samples,) that both sides compute.

    Raises:
        PackageError: The clip is too short for the front end, or the package's code computes
            something else than `LogMelExtractor`.
    """
    from dssd_tf.features.filter_bank import filter_bank
    from dssd_tf.features.finish import DEVIATION_FLOOR
    from dssd_tf.features.window import analysis_window

    bank = filter_bank(config)
    runs = zip(bank.start, np.diff(bank.offsets), strict=True)
    arrays: dict[str, NDArray[Any]] = {
        "window": analysis_window(config),
        "mel_weights": bank.weights,
        "mel_bins": np.concatenate([np.arange(first, first + count) for first, count in runs]),
        "mel_offsets": bank.offsets,
    }
    settings = {
        "sampling_rate": config.sampling_rate,
        "clip_samples": samples,
        "hop_length": config.hop_length,
        "log_offset": config.log_offset,
        "standardize": config.standardize,
        "deviation_floor": DEVIATION_FLOOR,
        "deltas": config.deltas,
        "band_centred": config.band_centred,
    }
    _require_equal(config, FrontEnd(settings, arrays), clip)
    held = io.BytesIO()
    np.savez_compressed(held, **arrays)  # type: ignore[arg-type]
    return {SETTINGS: (json.dumps(settings, indent=2) + "\n").encode(), ARRAYS: held.getvalue()}


def _require_equal(config: LogMelConfig, own: FrontEnd, clip: NDArray[np.float32]) -> None:
    extract = LogMelExtractor(config)
    try:
        wanted, features = extract.log_mel(clip), extract(clip)
    except ValueError as error:
        raise PackageError(f"the front end refuses a clip: {error}") from error
    found = own.log_mel(clip)
    same = found.shape == wanted.shape and own(clip).shape == features.shape
    if not same or np.abs(found - wanted).max() > _TOLERANCE:
        raise PackageError(
            "the inference package computes other features than the front end it was given; "
            "this is a fault of dssd_tf, please report it"
        )
