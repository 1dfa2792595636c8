"""`dssd predict` on a preset's folder; `test_model_commands.py` has it on a run."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import soundfile

from dssd_tf.features import LogMelConfig
from dssd_tf.presets import PresetConfig, from_preset, save_to_preset


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    """A preset of one convolution with two classes on half a second."""
    config = PresetConfig(
        features=LogMelConfig(
            sampling_rate=8000, n_fft=256, win_length=256, hop_length=256, n_mels=8, deltas=False
        ),
        clip_seconds=0.5,
        classes=("forest", "train"),
    )
    keras.utils.set_random_seed(9)
    inputs = keras.Input(config.input_shape)
    x = keras.layers.Flatten()(keras.layers.Conv2D(2, 3)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2)(x))
    return save_to_preset(tmp_path / "preset", model, config)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    audio = np.random.default_rng(3).normal(size=9000).clip(-3, 3) * 0.1
    soundfile.write(tmp_path / "noise.wav", audio, 8000)
    return tmp_path / "noise.wav"


@pytest.mark.parametrize("options", [(), ("--float",)])
def test_a_presets_folder_is_a_target(
    dssd: Callable, preset: Path, recording: Path, options: tuple[str, ...]
) -> None:
    probabilities = from_preset(preset).classify_file(recording)
    result = dssd("predict", preset, recording, *options)
    assert result.code == 0
    best = int(probabilities.argmax())
    expected = f"{recording}\t{('forest', 'train')[best]}\t{probabilities[best]:.4f}\n"
    assert result.out == expected


def test_a_damaged_preset_is_one_line(dssd: Callable, preset: Path, recording: Path) -> None:
    (preset / "model.keras").write_bytes(b"half")
    result = dssd("predict", preset, recording)
    assert result.code == 2
    assert f"{preset / 'model.keras'}: is not a readable Keras model" in result.line
    (preset / "preset.json").write_text("{")
    result = dssd("predict", preset, recording)
    assert result.code == 2
    assert f"{preset / 'preset.json'}: is not valid JSON" in result.line


def test_neither_run_nor_preset(dssd: Callable, tmp_path: Path, recording: Path) -> None:
    result = dssd("predict", tmp_path, recording)
    assert result.code == 2
    assert "no recipe.yaml" in result.line
    assert "no preset.json" in result.line


def test_the_help_names_both_targets(dssd: Callable) -> None:
    shown = dssd("predict", "--help").out
    assert "RUN|PRESET" in shown
    assert "--float" in shown
