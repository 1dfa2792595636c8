"""Batches, a training set with known devices, and every augmentation ready for use."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
import pytest
import soundfile
import tensorflow as tf
from numpy.typing import NDArray

from dssd_tf.augmentation import (
    Augmentation,
    BandLimit,
    DeviceImpulseResponse,
    DeviceSpectrumModulation,
    FilterAugment,
    FreqMixStyle,
    FrequencyWarp,
    Gain,
    Mixup,
    NoiseFloor,
    SpecAugment,
    TimeRoll,
    TimeStretch,
    TrainingContext,
)

DEVICES = ("a", "b", "s1")
RATE, BANDS, CLASSES = 8000, 6, 4
SHAPES = {"waveform": (400,), "log_mel": (10, BANDS), "features": (10, BANDS, 2)}

MakeBatch = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def make_batch() -> MakeBatch:
    """A batch of random clips of a domain; device i % 3 for clip i."""

    def make(domain: str, size: int = 8, dtype: str = "float32", seed: int = 0) -> dict[str, Any]:
        random = np.random.default_rng(seed)
        x = random.standard_normal((size, *SHAPES[domain]))
        labels = np.eye(CLASSES, dtype=np.float32)[np.arange(size) % CLASSES]
        return {
            "x": tf.constant(x, dtype),
            "y": tf.constant(labels),
            "device": tf.range(size) % len(DEVICES),
            "teacher": tf.constant(random.standard_normal((size, CLASSES)), tf.float32),
            "weight": tf.constant(1 + np.arange(size), tf.float32),
        }

    return make


@pytest.fixture(scope="session")
def offsets() -> NDArray[np.float64]:
    """What each device adds to the log-mels, (devices, frequency)."""
    return np.random.default_rng(3).standard_normal((len(DEVICES), BANDS))


@pytest.fixture(scope="session")
def context(offsets: NDArray[np.float64]) -> TrainingContext:
    """Five segments, each recorded by every device, which adds its offset to the sound."""
    random = np.random.default_rng(4)
    names, devices, log_mels = [], [], []
    for segment in range(5):
        sound = random.standard_normal((7, BANDS))
        for index, device in enumerate(DEVICES):
            names.append(f"audio/street_traffic-lyon-{segment}-{segment}-{device}.wav")
            devices.append(device)
            log_mels.append(sound + offsets[index])
    raw = np.stack(log_mels).astype(np.float32)
    clips = pd.DataFrame({"filename": names, "device": devices})
    return TrainingContext(DEVICES, RATE, BANDS, clips, lambda rows: raw[rows])


@pytest.fixture(scope="session")
def responses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three impulse responses."""
    folder = tmp_path_factory.mktemp("responses")
    random = np.random.default_rng(5)
    for number in range(3):
        response = random.standard_normal(40) * np.exp(-np.arange(40) / 8)
        soundfile.write(folder / f"{number}.wav", 0.1 * response, RATE, subtype="FLOAT")
    return folder


@pytest.fixture(
    params=[
        "mixup",
        "mixup_per_clip",
        "band_limit",
        "filter_augment",
        "freq_mixstyle",
        "frequency_warp",
        "noise_floor",
        "spec_augment",
        "time_roll",
        "time_stretch",
        "gain",
        "device_impulse_response",
        "device_spectrum_modulation",
    ]
)
def augment(
    request: pytest.FixtureRequest, context: TrainingContext, responses: Path
) -> Augmentation:
    """Each augmentation in turn, prepared, acting on every clip."""
    return {
        "mixup": Mixup(alpha=2.0),
        "mixup_per_clip": Mixup(alpha=2.0, per_clip=True),
        "band_limit": BandLimit(probability=1.0, low_share=0.5, high_share=0.5),
        "filter_augment": FilterAugment(),
        "noise_floor": NoiseFloor(probability=1.0, least_db=5, most_db=30),
        "frequency_warp": FrequencyWarp(max_shift=0.3),
        "time_stretch": TimeStretch(max_stretch=0.5),
        "freq_mixstyle": FreqMixStyle(probability=1.0, alpha=2.0),
        "spec_augment": SpecAugment(time_width=5, mel_width=4),
        "time_roll": TimeRoll(max_share=0.5),
        "gain": Gain(),
        "device_impulse_response": DeviceImpulseResponse(folder=responses),
        "device_spectrum_modulation": DeviceSpectrumModulation(),
    }[request.param].prepare(context)
