"""One tiny network in each of the forms that a predictor reads."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
import tensorflow as tf

SHAPE, CLASSES = (6, 8, 1), 3


@pytest.fixture(scope="session")
def features() -> np.ndarray:
    return np.random.default_rng(3).standard_normal((70, *SHAPE)).astype(np.float32)


@pytest.fixture(scope="session")
def model() -> keras.Model:
    keras.utils.set_random_seed(4)
    inputs = keras.Input(SHAPE)
    x = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
    x = keras.layers.Dense(CLASSES)(keras.layers.Flatten()(x))
    return keras.Model(inputs, x)


@pytest.fixture(scope="session")
def model_files(
    model: keras.Model, features: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The model as `keras`, as `float` and as `int8` .tflite."""
    folder = tmp_path_factory.mktemp("models")
    files = {"keras": folder / "model.keras"}
    model.save(files["keras"])
    signature = [keras.InputSpec(shape=(1, *SHAPE), dtype="float32")]
    model.export(folder / "saved", verbose=False, input_signature=signature)
    for kind in ("float", "int8"):
        converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "saved"))
        if kind == "int8":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: ([clip[None]] for clip in features)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8
        files[kind] = folder / f"{kind}.tflite"
        files[kind].write_bytes(converter.convert())
    return files


class ArrayStore:
    """The interface of a feature store over an array; clips are named by their number."""

    def __init__(self, features: np.ndarray):
        self.features, self.shape = features, features.shape[1:]

    def positions(self, filenames: Iterable[str]) -> np.ndarray:
        return np.array([int(name) for name in filenames], dtype=np.int64)

    def gather(self, positions: np.ndarray) -> np.ndarray:
        return self.features[positions]


@pytest.fixture(scope="session")
def array_store() -> Callable[[np.ndarray], ArrayStore]:
    return ArrayStore
