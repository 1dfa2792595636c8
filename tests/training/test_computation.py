from typing import Any

import keras
import pytest

from dssd_tf.models.registry import create_model
from dssd_tf.training import TrainingConfig, computation
from dssd_tf.training.computation import WORTHWHILE_STEPS, Computation, choose, convolution_free

KERAS = Computation("convolution", None)
COMPILED = Computation("shifted", True)
MANY = WORTHWHILE_STEPS


@pytest.fixture(scope="module")
def distilled() -> keras.Model:
    return create_model("dsmn_s", input_shape=(8, 16, 2), pattern="SS", widths=(8, 8))


@pytest.fixture(scope="module")
def other() -> keras.Model:
    return create_model("baseline_2022")


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda device: monkeypatch.setattr(computation, "_on_cpu", lambda: device == "cpu")


@pytest.mark.parametrize(
    ("name", "free"),
    [
        ("dsmn_s", True),
        ("dsmn_f", True),
        ("dssdn_large", True),
        ("dssdn_middle", True),
        ("dssdn_small", True),
        ("baseline_2022", False),
        ("cp_mobile", False),
        ("baseline_2024", False),
    ],
)
def test_networks_of_distilled_blocks_are_free_of_convolutions(name: str, free: bool) -> None:
    assert convolution_free(create_model(name)) is free


def test_a_network_without_the_cross_is_not_meant() -> None:
    assert not convolution_free(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]))


def test_one_real_convolution_is_found(distilled: keras.Model) -> None:
    inputs = keras.Input((8, 16, 2))
    smoothed = keras.layers.DepthwiseConv2D(3, padding="same")(inputs)
    assert convolution_free(distilled)
    assert not convolution_free(keras.Model(inputs, distilled(smoothed)))


def test_auto_compiles_a_long_training_on_cpu(
    distilled: keras.Model, other: keras.Model, on: Any
) -> None:
    on("cpu")
    config = TrainingConfig(jit_compile="auto")
    assert choose(distilled, config, MANY) == COMPILED
    assert choose(distilled, config, MANY - 1) == KERAS
    assert choose(other, config, MANY) == KERAS
    on("gpu")
    assert choose(distilled, config, MANY) == KERAS


@pytest.mark.parametrize("device", ["cpu", "gpu"])
@pytest.mark.parametrize("form", ["convolution", "shifted"])
@pytest.mark.parametrize("jit", [True, False])
def test_what_is_asked_for_is_done(
    distilled: keras.Model, on: Any, device: str, form: Any, jit: bool
) -> None:
    on(device)
    config = TrainingConfig(form=form, jit_compile=jit)
    assert choose(distilled, config, 1) == Computation(form, jit)


def test_one_setting_alone(distilled: keras.Model, other: keras.Model, on: Any) -> None:
    on("cpu")
    shifted, convolution = (
        TrainingConfig(form=form, jit_compile="auto") for form in ("shifted", "convolution")
    )
    assert choose(distilled, shifted, MANY) == COMPILED
    assert choose(distilled, shifted, 1) == Computation("shifted", None)
    assert choose(distilled, convolution, MANY) == KERAS
    assert choose(distilled, TrainingConfig(jit_compile=True), 1) == COMPILED
    assert choose(other, TrainingConfig(jit_compile=True), 1) == Computation("convolution", True)
    plain = Computation("convolution", False)
    assert choose(distilled, TrainingConfig(jit_compile=False), MANY) == plain


@pytest.mark.parametrize("form", ["auto", "convolution", "shifted"])
def test_nothing_is_compiled_unless_asked_for(distilled: keras.Model, on: Any, form: Any) -> None:
    on("cpu")
    expected = "convolution" if form == "auto" else form
    assert choose(distilled, TrainingConfig(form=form), MANY) == Computation(expected, None)
