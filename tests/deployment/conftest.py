"""A small int8 model, a small front end, and a C++ compiler."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

from dssd_tf.deployment import FrontEnd
from dssd_tf.deployment.int8_model import Int8Model, read_int8_model
from dssd_tf.features import LogMelConfig
from dssd_tf.native_log import silenced


def _convert(model: keras.Model, path: Path, *, int8: bool = True, edges: Any = "int8") -> Path:
    """Convert by TensorFlow itself: what users may bring, and no part of what is tested."""
    import tensorflow as tf

    shape = (1, *model.inputs[0].shape[1:])
    folder = path.with_suffix(".saved")
    with silenced():
        model.export(
            folder,
            format="tf_saved_model",
            verbose=False,
            input_signature=[keras.InputSpec(shape=shape, dtype="float32")],
        )
        converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
        if int8:
            random = np.random.default_rng(0)
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: (
                [random.normal(size=shape).astype(np.float32)] for _ in range(8)
            )
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = tf.as_dtype(edges)
            converter.inference_output_type = tf.as_dtype(edges)
        path.write_bytes(converter.convert())
    return path


@pytest.fixture(scope="session")
def convert() -> Callable[..., Path]:
    """Convert a Keras model to a file: `convert(model, path, int8=True, edges="int8")`."""
    return _convert


@pytest.fixture(scope="session")
def front_end() -> FrontEnd:
    """Half a second at 8 kHz: (32, 12, 2)."""
    config = LogMelConfig(
        sampling_rate=8000, n_fft=256, win_length=200, hop_length=128, n_mels=12, fmin=50
    )
    return FrontEnd(config, 0.5)


@pytest.fixture(scope="session")
def small_keras(front_end: FrontEnd) -> keras.Model:
    """Takes the front end's features, gives three logits."""
    keras.utils.set_random_seed(3)
    shape = (front_end.frames, front_end.bands, front_end.channels)
    inputs = keras.Input(shape)
    x = keras.layers.Conv2D(4, 3, strides=2, activation="relu")(inputs)
    x = keras.layers.Add()([x, keras.layers.Conv2D(4, 1)(x)])
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(3)(x), name="small")


@pytest.fixture(scope="session")
def model_file(small_keras: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model in int8."""
    return _convert(small_keras, tmp_path_factory.mktemp("int8") / "model_int8.tflite")


@pytest.fixture(scope="session")
def float_file(small_keras: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model in float."""
    return _convert(small_keras, tmp_path_factory.mktemp("float") / "model.tflite", int8=False)


@pytest.fixture(scope="session")
def model(model_file: Path) -> Int8Model:
    return read_int8_model(model_file)


@pytest.fixture
def without_tflm(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where `tflite-micro` is not installed."""
    monkeypatch.setattr("dssd_tf.deployment.bundle.tflm_version", lambda: None)


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Path]:
    """Compile C++ sources to a program; warnings are errors."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("needs a C++ compiler")

    def make(
        sources: Iterable[Path | str], *options: str, name: str = "program", standard: str = "c++17"
    ) -> Path:
        program = tmp_path / name
        warnings = ("-Wall", "-Wextra", "-Werror", "-Wshadow", "-pedantic")
        command = [compiler, f"-std={standard}", "-O2", *warnings, *options, *map(str, sources)]
        done = subprocess.run(
            [*command, "-o", str(program)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return program

    return make
