"""A preset of a narrow DSMN: three classes and a coarse one, on clips of 1 s at 8 kHz."""

import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
import soundfile

from dssd_tf.features import LogMelConfig
from dssd_tf.models import create_model
from dssd_tf.presets import PresetConfig, save_to_preset
from dssd_tf.quantization.ptq import quantize_ptq


@pytest.fixture(scope="session")
def config() -> PresetConfig:
    features = LogMelConfig(
        sampling_rate=8000, n_fft=512, win_length=512, hop_length=512, n_mels=16, deltas=False
    )
    return PresetConfig(
        network="dsmn_s",
        network_options={"pattern": "SF", "widths": [8, 8]},
        features=features,
        classes=("airport", "bus", "tram"),
        coarse_classes=("indoor",),
        licence="CC-BY-4.0",
        source="made by a test",
        metrics={"parameters": 1, "float": {"macro_accuracy": 0.25}, "measured_on": "noise"},
    )


@pytest.fixture(scope="session")
def model(config: PresetConfig) -> keras.Model:
    keras.utils.set_random_seed(6)
    model = create_model(
        "dsmn_s", input_shape=config.input_shape, pattern="SF", widths=(8, 8), classes=4
    )
    # Larger weights in the last layer, so that the classes differ clearly.
    kernel = model.get_layer("logits").kernel
    kernel.assign(kernel * 20)
    return model


@pytest.fixture(scope="session")
def int8_content(model: keras.Model, config: PresetConfig) -> bytes:
    clips = np.random.default_rng(1).normal(size=(16, *config.input_shape)).astype(np.float32)
    return quantize_ptq(model, clips)


@pytest.fixture
def folder(tmp_path: Path, model: keras.Model, config: PresetConfig) -> Path:
    """A preset's folder without an int8 model, which a test may change."""
    return save_to_preset(tmp_path / "preset", model, config)


@pytest.fixture(scope="session")
def noise() -> Callable[..., np.ndarray]:
    """Noise of some seconds that grows louder, values in [-1, 1]."""

    def make(seconds: float, rate: int = 8000) -> np.ndarray:
        samples = round(seconds * rate)
        white = np.random.default_rng(2).normal(size=samples).clip(-3, 3)
        smooth = np.convolve(white, np.ones(8) / 8, mode="same")
        envelope = np.linspace(0.01, 0.3, samples) if samples else 0.0
        return (np.where(np.arange(samples) < samples / 2, white, smooth) * envelope).astype("f4")

    return make


@pytest.fixture
def recording(tmp_path: Path, noise: Callable[..., np.ndarray]) -> Path:
    """2.6 s of noise at 8 kHz."""
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise(2.6), 8000, subtype="FLOAT")
    return path


@pytest.fixture(scope="session")
def expected(model: keras.Model, config: PresetConfig) -> Callable[[np.ndarray], np.ndarray]:
    """Probabilities (classes,) of a waveform from the formula, whole clips only."""
    from dssd_tf.features import LogMelExtractor

    def probabilities(waveform: np.ndarray) -> np.ndarray:
        extract = LogMelExtractor(config.features)
        found = []
        for start in range(0, waveform.size - 7999, 8000):
            features = extract(waveform[start : start + 8000])
            logits = np.asarray(model(features[None], training=False))[0].astype("f8")
            scenes = np.exp(logits[:3])
            found.append(scenes / scenes.sum())
        return np.mean(found, axis=0)

    return probabilities


@pytest.fixture
def files() -> Callable[[Path], dict[str, bytes]]:
    """The files of a folder with their contents."""
    return lambda folder: {path.name: path.read_bytes() for path in folder.iterdir()}
