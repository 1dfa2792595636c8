"""`dssd predict` on a preset's folder and on files; `test_model_commands.py` has it on a run."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import soundfile

from dssd_tf.features import LogMelConfig
from dssd_tf.presets import PresetConfig, StreamClassifier, from_preset, open_classifier
from dssd_tf.presets import save_to_preset as save


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
    return save(tmp_path / "preset", model, config)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """1.125 s at 8 kHz, 16 bits."""
    audio = np.random.default_rng(3).normal(size=9000).clip(-3, 3) * 0.1
    soundfile.write(tmp_path / "noise.wav", audio, 8000)
    return tmp_path / "noise.wav"


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Let standard input hold these bytes."""

    def pipe(content: bytes) -> None:
        stdin = SimpleNamespace(buffer=io.BytesIO(content), isatty=lambda: False)
        monkeypatch.setattr(sys, "stdin", stdin)

    return pipe


@pytest.mark.parametrize("options", [(), ("--float",)])
def test_a_presets_folder_is_a_target(
    dssd: Callable, preset: Path, recording: Path, options: tuple[str, ...]
) -> None:
    probabilities = from_preset(preset).classify_file(recording)
    result = dssd("predict", preset, *options, recording)
    assert result.code == 0
    best = int(probabilities.argmax())
    expected = f"{recording}\t{('forest', 'train')[best]}\t{probabilities[best]:.4f}\n"
    assert result.out == expected


def test_json_names_every_class(dssd: Callable, preset: Path, recording: Path) -> None:
    probabilities = from_preset(preset).classify_file(recording)
    result = dssd("predict", preset, recording, recording, "--json")
    first, second = (json.loads(line) for line in result.out.splitlines())
    assert first == second
    assert first["file"] == str(recording)
    assert first["class"] == ("forest", "train")[int(probabilities.argmax())]
    assert first["probability"] == max(first["probabilities"].values())
    assert list(first["probabilities"]) == ["forest", "train"]
    assert list(first["probabilities"].values()) == pytest.approx(list(probabilities), abs=1e-6)


def test_a_model_file_goes_by_its_folder_or_its_recipe(
    dssd: Callable, preset: Path, recording: Path, tmp_path: Path, write_recipe: Callable
) -> None:
    expected = dssd("predict", preset, recording).out
    assert dssd("predict", preset / "model.keras", recording).out == expected
    other = shutil.copy(preset / "model.keras", tmp_path / "other.keras")
    result = dssd("predict", other, recording)
    assert result.code == 2
    assert f"{other}: is a model file outside a run or preset" in result.line
    features = json.loads((preset / "preset.json").read_text())["features"]
    recipe = write_recipe(features=features, data={"clip_seconds": 0.5, "classes": ["a", "b"]})
    options = ("--recipe", recipe, "--set", "data.classes=[forest, train]")
    assert dssd("predict", other, *options, recording).out == expected


@pytest.mark.parametrize("source", ["file", "pipe", "raw pipe"])
def test_a_stream_prints_a_line_a_clip(
    dssd: Callable, preset: Path, recording: Path, piped: Callable, source: str
) -> None:
    audio, _ = soundfile.read(recording, dtype="float32")
    run = StreamClassifier(open_classifier(preset), hop_seconds=0.25, smooth_seconds=0.75)
    expected = [f"{clip.end:.3f}\t{clip.label}\t{clip.probability:.4f}\n" for clip in run([audio])]
    assert len(expected) == 3
    options: tuple[object, ...] = ("--stream", recording)
    if source != "file":
        content = recording.read_bytes()
        piped(content if source == "pipe" else content[44:])
        options = ("--stream", "-", *(("--rate", 8000) if source == "raw pipe" else ()))
    result = dssd("predict", preset, *options, "--hop", 0.25, "--smooth", 0.75)
    assert result.code == 0
    assert result.out == "".join(expected)
    name = recording if source == "file" else "standard input"
    assert result.err == f"{name}: the last 0.125 s are shorter than a clip and left out\n"


def test_a_stream_as_json(dssd: Callable, preset: Path, recording: Path) -> None:
    result = dssd("predict", preset, "--stream", recording, "--json")
    times = [(line["start"], line["end"]) for line in map(json.loads, result.out.splitlines())]
    assert times == [(0.0, 0.5), (0.5, 1.0)]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--stream", "FILE", "FILE"), "2 files are given, but one is a stream"),
        (("FILE", "--hop", "1"), "--hop is for a stream"),
        (("-",), "standard input is read as a stream — give --stream -"),
        (("FILE", "--smooth", "1"), "--smooth is for a stream"),
        (("FILE", "--rate", "8000"), "--rate is for a stream"),
        (("FILE", "--recipe", "r.yaml"), "--recipe is for a model file, not for a folder"),
        (("FILE", "--set", "seed=1"), "--set is for a model file, not for a folder"),
        (("--stream", "FILE", "--smooth", "0.4"), "smoothing over 0.4 s is less than a clip"),
        (("--stream", "FILE", "--rate", "8000"), "has a header, so it holds no raw samples"),
        (("--stream", "none.wav"), "none.wav: no such recording"),
    ],
)
def test_senseless_options_are_one_line(
    dssd: Callable, preset: Path, recording: Path, options: tuple[str, ...], problem: str
) -> None:
    given = [recording if option == "FILE" else option for option in options]
    result = dssd("predict", preset, *given)
    assert result.code == 2
    assert problem in result.line
    assert result.out == ""


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--float",), "--float is for a folder"),
        (("--set", "seed=1"), "--set needs --recipe"),
        (("--data", "x"), "--data needs --recipe"),
    ],
)
def test_options_that_a_model_file_cannot_use(
    dssd: Callable, preset: Path, recording: Path, options: tuple[str, ...], problem: str
) -> None:
    result = dssd("predict", preset / "model.keras", recording, *options)
    assert result.code == 2
    assert f"{preset / 'model.keras'}: {problem}" in result.line


@pytest.mark.parametrize("option", ["--hop=0", "--smooth=nan", "--rate=1.5", "--hop=x"])
def test_senseless_numbers(dssd: Callable, preset: Path, recording: Path, option: str) -> None:
    result = dssd("predict", preset, "--stream", recording, option)
    assert result.code == 2
    assert f"argument {option.partition('=')[0]}: '{option.partition('=')[2]}' is not" in result.err


def test_a_short_or_empty_stream_is_named(
    dssd: Callable, preset: Path, recording: Path, piped: Callable, tmp_path: Path
) -> None:
    piped(recording.read_bytes()[44:4044])
    result = dssd("predict", preset, "--stream", "-", "--rate", 8000)
    assert result.code == 2
    assert "standard input: lasts 0.25 s, shorter than a clip of 0.5 s" in result.line
    piped(b"")
    assert (
        "standard input: holds no samples"
        in dssd("predict", preset, "--stream", "-", "--rate", 8000).line
    )


def test_a_terminal_is_no_stream(
    dssd: Callable, preset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stdin in (None, SimpleNamespace(isatty=lambda: True)):
        monkeypatch.setattr(sys, "stdin", stdin)
        result = dssd("predict", preset, "--stream", "-", "--rate", 8000)
        assert result.code == 2
        assert "pipe audio into the command" in result.line


@pytest.mark.slow
def test_lines_come_at_once_and_an_interrupt_ends_cleanly(preset: Path) -> None:
    command = [sys.executable, "-m", "dssd_tf", "predict", str(preset), "--stream", "-"]
    process = subprocess.Popen(
        [*command, "--rate", "8000"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    )
    assert process.stdin is not None and process.stdout is not None
    second = np.random.default_rng(0).integers(-9000, 9000, 4000).astype("<i2").tobytes()
    for number in (1, 2, 3):
        process.stdin.write(second)
        process.stdin.flush()
        # The next half second is not sent before: a line that is held back would never come.
        assert process.stdout.readline().startswith(f"{number / 2:.3f}\t".encode())
    process.send_signal(signal.SIGINT)
    rest, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert rest == b""
    assert told.decode().splitlines()[-1].startswith("dssd: interrupted")
    assert b"Traceback" not in told


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


def test_the_help_names_every_target(dssd: Callable) -> None:
    shown = dssd("predict", "--help").out
    assert "RUN|PRESET|MODEL" in shown
    assert "--float" in shown
    assert "mean of the log-probabilities" in shown
