"""Two tiny int8 models, recordings, a written package, and a process that sees nothing else."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
import soundfile

from dssd_tf.challenge import load_edition
from dssd_tf.challenge.inference_package import InferenceSystem, write_inference_package
from dssd_tf.features import LogMelConfig

CLASSES = ("bus", "metro", "tram")
COARSE = 2

_PRELUDE = """
import sys
for name in {blocked!r}:
    sys.modules[name] = None
sys.path.insert(0, {folder!r})
sys.path.extend({further!r})
"""


def _network(seed: int, shape: tuple[int, ...], kind: str) -> Any:
    import keras

    keras.utils.set_random_seed(seed)
    layers, bias = keras.layers, {"bias_initializer": "random_normal"}
    inputs = keras.Input(shape)
    if kind == "unknown":
        x = layers.UpSampling2D()(layers.Conv2D(2, 3, **bias)(inputs))
        return keras.Model(inputs, layers.Dense(5, **bias)(layers.GlobalAveragePooling2D()(x)))
    x = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu")(inputs)
    y = layers.DepthwiseConv2D(3, dilation_rate=2, padding="same")(x)
    x = layers.ReLU(6.0)(layers.Add()([x, y]))
    gate = layers.Dense(6, activation="sigmoid", **bias)(layers.GlobalAveragePooling2D()(x))
    x = layers.Multiply()([x, layers.Reshape((1, 1, 6))(gate)])
    low, high = x[:, :, :, :3], x[:, :, :, 3:]
    x = layers.Concatenate()([layers.AveragePooling2D(2)(low), layers.MaxPooling2D(2)(high)])
    x = layers.Conv2D(8, 1)(layers.ZeroPadding2D(((1, 0), (0, 2)))(x))
    x = layers.Concatenate()([layers.GlobalAveragePooling2D()(x), gate])
    return keras.Model(inputs, layers.Dense(len(CLASSES) + COARSE, **bias)(x))


def _convert(model: Any, form: str) -> bytes:
    """By TensorFlow itself: what users may bring, and no part of what is tested."""
    import keras
    import tensorflow as tf

    from dssd_tf.native_log import silenced

    shape = (1, *model.inputs[0].shape[1:])
    random = np.random.default_rng(0)
    with silenced(), tempfile.TemporaryDirectory() as folder:
        model.export(
            folder,
            format="tf_saved_model",
            verbose=False,
            input_signature=[keras.InputSpec(shape=shape, dtype="float32")],
        )
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if form != "float":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if form == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if form == "int8":
            clips = [random.normal(size=shape).astype(np.float32) for _ in range(8)]
            converter.representative_dataset = lambda: ([clip] for clip in clips)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8
        return bytes(converter.convert())


@pytest.fixture(scope="session")
def features() -> LogMelConfig:
    """Half a second at 8 kHz gives (32, 12, 2)."""
    return LogMelConfig(
        sampling_rate=8000, n_fft=256, win_length=200, hop_length=128, n_mels=12, fmin=50
    )


@pytest.fixture(scope="session")
def make_model(features: LogMelConfig) -> Callable[..., bytes]:
    """A .tflite file, once for each seed, kind and form."""
    made: dict[tuple[Any, ...], bytes] = {}

    def make(seed: int = 1, kind: str = "known", form: str = "int8") -> bytes:
        key = (seed, kind, form)
        if key not in made:
            made[key] = _convert(_network(seed, features.shape(4000), kind), form)
        return made[key]

    return make


@pytest.fixture(scope="session")
def make_system(
    features: LogMelConfig, make_model: Callable[..., bytes]
) -> Callable[..., InferenceSystem]:
    """A system: `make_system(1, {None: content, "a": content})`."""

    def make(number: int = 1, models: Any = None, **changed: Any) -> InferenceSystem:
        given = {None: make_model(1), "a": make_model(2), "s1": make_model(1)}
        values = {
            "number": number,
            "models": given if models is None else models,
            "features": features,
            "clip_seconds": 0.5,
            "classes": CLASSES,
            "coarse_outputs": COARSE,
        }
        return InferenceSystem(**{**values, **changed})

    return make


@pytest.fixture(scope="session")
def written(
    make_system: Callable[..., InferenceSystem], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A package of two systems; read it, copy it, but do not write to it."""
    out = tmp_path_factory.mktemp("inference")
    systems = [make_system(1), make_system(3, {None: make_system().models["a"]})]
    return write_inference_package(systems, "Doe_Example-Lab", load_edition(2025), out)


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Eight clips of noise and tones of half a second at 8 kHz."""
    folder, random = tmp_path_factory.mktemp("recordings"), np.random.default_rng(4)
    time, paths = np.arange(4000) / 8000, []
    for number in range(8):
        tone = np.sin(2 * np.pi * 200 * (number + 1) * time)
        wave = 0.1 * random.normal(size=4000) * random.uniform() + 0.3 * random.uniform() * tone
        paths.append(str(folder / f"{number}.wav"))
        soundfile.write(paths[-1], wave, 8000, subtype="PCM_24")
    return paths


@pytest.fixture(scope="session")
def run_isolated() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run code beside a package, in a process without this project, TensorFlow and (else) torch."""

    def run(
        code: str, folder: Path, *, torch: bool = False, blocked: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        shut = ["dssd_tf", "tensorflow", "keras", "tf_keras", "librosa", "numba", *blocked]
        further = []
        if torch:
            names = [__import__(name) for name in ("torch", "torchinfo")]
            further = [str(Path(module.__file__ or "").parents[1]) for module in names]
        else:
            shut.append("torch")
        prelude = _PRELUDE.format(blocked=shut, folder=str(folder), further=further)
        return subprocess.run(
            [sys.executable, "-I", "-B", "-c", prelude + code],
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def call(run_isolated: Callable[..., Any]) -> Callable[..., Any]:
    """Run code that sets `result`, and give that value."""

    def call(code: str, folder: Path, **options: Any) -> Any:
        done = run_isolated(f"{code}\nimport json\nprint(json.dumps(result))", folder, **options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return call
