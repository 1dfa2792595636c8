from pathlib import Path

import keras
import numpy as np
import pytest

from dssd_tf.errors import ModelError, RunError
from dssd_tf.models import create_model, save_model
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.initial_weights import load_initial_weights
from dssd_tf.pipeline.student import make_student
from dssd_tf.recipe import Recipe


@pytest.fixture
def trained(small_network: str, tmp_path: Path) -> tuple[keras.Model, Path]:
    model = create_model(small_network, input_shape=(8, 8, 1), classes=3)
    path = tmp_path / "model.keras"
    save_model(model, path)
    return model, path


def _same(one: keras.Model, other: keras.Model) -> bool:
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_a_student_starts_from_the_weights_of_a_file(
    trained: tuple[keras.Model, Path], small_network: str
) -> None:
    model, path = trained
    values = {"name": "x", "model": {"name": small_network, "weights": str(path)}}
    student = make_student(Recipe.model_validate(values), (8, 8, 1), ("bus", "park", "tram"))
    assert _same(student, model)


def test_a_run_gives_its_float_model(run: RunFolder) -> None:
    recipe = run.recipe()
    time, frequency, channels = recipe.features.shape(recipe.features.sampling_rate)
    student = make_student(recipe, (time, frequency, channels), recipe.data.classes or ())
    fresh = student.get_weights()
    load_initial_weights(student, run.path)
    assert not all(np.array_equal(a, b) for a, b in zip(fresh, student.get_weights(), strict=True))
    run.float_model.unlink()
    with pytest.raises(RunError, match="dssd train"):
        load_initial_weights(student, run.path)


def test_weights_of_another_network_are_refused(
    trained: tuple[keras.Model, Path], small_network: str, tmp_path: Path
) -> None:
    _, path = trained
    other = create_model(small_network, input_shape=(8, 8, 1), classes=4)
    before = other.get_weights()
    with pytest.raises(ModelError, match=r"model\.keras: its 4 weights are not those"):
        load_initial_weights(other, path)
    assert all(np.array_equal(a, b) for a, b in zip(before, other.get_weights(), strict=True))
    with pytest.raises(ModelError, match=r"none\.keras: no such weights"):
        load_initial_weights(other, tmp_path / "none.keras")
    with pytest.raises(RunError, match="not a run's folder"):
        load_initial_weights(other, tmp_path)
