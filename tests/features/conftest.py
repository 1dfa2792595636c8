"""A front end small enough for short clips, test signals, and librosa's numbers for them."""

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

from dssd_tf.features import LogMelConfig


@pytest.fixture(scope="session")
def small() -> Callable[..., LogMelConfig]:
    """Maker of a front end of 16 bands with short windows."""

    def make(**changes: Any) -> LogMelConfig:
        settings = {"n_fft": 512, "win_length": 512, "hop_length": 512, "n_mels": 16}
        return LogMelConfig(**{**settings, **changes})

    return make


@pytest.fixture(scope="session")
def noise() -> np.ndarray:
    """A quarter of a second of white noise at 44.1 kHz, (samples,), mostly in [-1, 1]."""
    return np.random.default_rng(0).normal(0.0, 0.3, 11025).astype("float32")


@pytest.fixture(scope="session")
def signals(noise: np.ndarray) -> dict[str, np.ndarray]:
    """Signals (11025,) that are hard on a front end, by name."""
    samples = noise.size
    time = np.arange(samples) / 44100
    frequencies = np.fft.rfftfreq(samples, 1 / 44100)
    falling = np.fft.irfft(np.fft.rfft(noise) * (1 + frequencies / 50) ** -3.0, samples)
    impulse = np.zeros(samples)
    impulse[5000] = 1
    square = np.where(np.sin(2 * np.pi * 441 * time + 0.1) > 0, 1, -1)
    made = {
        "noise": noise,
        "rumble": 0.9 * falling / np.abs(falling).max(),
        "hum": 0.99 * np.sin(2 * np.pi * 50 * time) + 1e-6 * noise,
        "tone": np.sin(2 * np.pi * 10007 * time),
        "fading": noise * np.logspace(0, -7, samples),
        "square": square,
        "impulse": impulse,
        "quiet": 1e-6 * noise,
        "silence": np.zeros(samples),
        "constant": np.full(samples, 0.5),
    }
    return {name: values.astype("float32") for name, values in made.items()}


@pytest.fixture(scope="session")
def librosa_log_mel() -> Callable[[np.ndarray, LogMelConfig], np.ndarray]:
    """log10 mel (time, frequency) by librosa in float64."""
    import librosa

    def compute(waveform: np.ndarray, config: LogMelConfig) -> np.ndarray:
        mel = librosa.feature.melspectrogram(
            y=waveform.astype("float64"),
            sr=config.sampling_rate,
            n_fft=config.n_fft,
            win_length=config.win_length,
            hop_length=config.hop_length,
            n_mels=config.n_mels,
            fmin=config.fmin,
            fmax=config.fmax,
            htk=config.mel_scale == "htk",
            norm=config.mel_norm,
            center=True,
            pad_mode="reflect",
            power=2.0,
            dtype=np.float64,
        )
        return np.log10(mel + config.log_offset).T

    return compute
