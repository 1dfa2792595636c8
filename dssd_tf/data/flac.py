"""A waveform as the bytes of a FLAC file."""

import io

import numpy as np
from numpy.typing import NDArray


def encode_flac(waveform: NDArray[np.floating], sampling_rate: int) -> bytes:
    """Encode a mono waveform in 16 bits.

    Args:
        waveform: (samples,); values outside [-1, 1] are clipped.
        sampling_rate: In Hz.

    Returns:
        The file's bytes.
    """
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(
        buffer, np.clip(waveform, -1, 1), sampling_rate, format="FLAC", subtype="PCM_16"
    )
    return buffer.getvalue()
