"""What the tests of several rooms share: a small synthetic set, a fast recipe, a finished run."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def synthetic_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten scenes, two training recordings each, so that one can be held out.

    Two devices a test recording are as many as it takes for all nine to occur.
    """
    from dssd_tf.data.synthesis import SynthesisSize, synthesize
    from dssd_tf.data.synthesis.size import FoldSize

    root = tmp_path_factory.mktemp("data") / "set"
    one = FoldSize(locations=1, segments=1, devices=1)
    train = FoldSize(locations=2, segments=1, devices=1)
    test = FoldSize(locations=1, segments=1, devices=2)
    size = SynthesisSize(cities=1, clips=1, train=train, test=test, evaluation=one)
    synthesize(root, size=size)
    return root


@pytest.fixture(scope="session")
def fast_values() -> dict[str, Any]:
    """The keys of a recipe that runs in seconds."""
    return {
        "name": "fast",
        "data": {"evaluation": "evaluation", "synthetic": True, "validation_fraction": 0.3},
        "features": {"n_fft": 1024, "win_length": 1024, "hop_length": 4096, "n_mels": 32},
        "augmentation": [{"name": "mixup", "alpha": 0.2}],
        "model": {"name": "dsmn_s", "options": {"pattern": "SF", "widths": [8, 8]}},
        "training": {"epochs": 2, "batch_size": 8},
        "quantization": {"calibration_clips": 16},
        "challenge": {
            "edition": 2022,
            "entry": str(REPOSITORY / "submissions" / "example" / "entry.yaml"),
        },
    }


@pytest.fixture(scope="session")
def small_network() -> str:
    """The name of a network that compiles in a second, registered for the tests."""
    import keras

    from dssd_tf.models import list_models
    from dssd_tf.models.registry import register

    def build(*, input_shape: Any, classes: int, name: str, width: int = 4) -> keras.Model:
        inputs = keras.Input(input_shape)
        x = keras.layers.Conv2D(width, 3, strides=2, activation="relu")(inputs)
        x = keras.layers.Dropout(0.2)(x)
        x = keras.layers.GlobalAveragePooling2D()(x)
        return keras.Model(inputs, keras.layers.Dense(classes)(x), name=name)

    if "small_for_tests" not in list_models():
        register("small_for_tests", build, "one convolution, for tests")
    return "small_for_tests"


@pytest.fixture
def write_recipe(tmp_path: Path, fast_values: dict[str, Any]) -> Callable[..., Path]:
    """Write the fast recipe with some sections changed: `write_recipe(training={...})`."""

    def write(name: str = "recipe.yaml", **sections: Any) -> Path:
        values = json.loads(json.dumps(fast_values))
        for key, value in sections.items():
            both = isinstance(value, dict) and isinstance(values.get(key), dict)
            values[key] = {**values[key], **value} if both else value
        path = tmp_path / name
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def finished_run(
    tmp_path_factory: pytest.TempPathFactory, synthetic_set: Path, fast_values: dict[str, Any]
) -> Path:
    """The folder of a whole run; read it, copy it, but do not write to it."""
    from dssd_tf.pipeline import run_recipe
    from dssd_tf.recipe import Recipe

    values = {**fast_values, "data": {**fast_values["data"], "root": str(synthetic_set)}}
    out = tmp_path_factory.mktemp("finished") / "run"
    run_recipe(Recipe.model_validate(values), out)
    return out


@pytest.fixture
def copied_run(finished_run: Path, tmp_path: Path) -> Path:
    """A copy of the finished run that a test may change."""
    return Path(shutil.copytree(finished_run, tmp_path / "copied"))
