"""A recording to try a package with, made here: no third party's audio is handed on."""

import io

import numpy as np
from numpy.typing import NDArray


def dummy_clip(sampling_rate: int, samples: int) -> NDArray[np.float32]:
    """A burst of noise (samples,), values in [-1, 1], always the same.

    Noise falls off to zero at both ends, over a faint floor, so that loud and quiet frames occur.

    Args:
        sampling_rate: Hz.
        samples: Its length.
    """
    random = np.random.default_rng(2025)
    noise = random.normal(size=samples)
    time = np.arange(samples) / sampling_rate
    burst = np.sin(np.pi * (np.arange(samples) + 0.5) / samples) ** 2
    tone = np.sin(2 * np.pi * 0.05 * sampling_rate * time)
    wave = burst * (0.1 * noise + 0.1 * tone) + 1e-3 * noise
    return np.clip(wave, -1, 1).astype(np.float32)


def wav_file(clip: NDArray[np.float32], sampling_rate: int) -> bytes:
    """The clip as a 16-bit WAV file."""
    import soundfile

    held = io.BytesIO()
    soundfile.write(held, clip, sampling_rate, subtype="PCM_16", format="WAV")
    return held.getvalue()
