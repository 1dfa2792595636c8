from functools import partial
from typing import Any

import keras
import pytest

from dssd_tf.models.registry import create_model
from dssd_tf.training import TrainingConfig, computation
from dssd_tf.training.computation import WORTHWHILE_STEPS, Computation, choose, convolution_free
from dssd_tf.training.precision import in_precision

KERAS = Computation("convolution", None)
COMPILED = Computation("shifted", True)
FUSED = Computation("fused", None)
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


@pytest.mark.slow
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


def test_a_training_on_cpu_is_fused(distilled: keras.Model, other: keras.Model, on: Any) -> None:
    on("cpu")
    config = TrainingConfig()
    assert choose(distilled, config, MANY) == FUSED
    assert choose(distilled, config, MANY - 1) == KERAS
    assert choose(other, config, MANY) == KERAS
    on("gpu")
    assert choose(distilled, config, MANY) == KERAS


def test_half_precision_is_not_fused(on: Any) -> None:
    on("cpu")
    make = partial(create_model, "dsmn_s", input_shape=(8, 16, 2), pattern="SS", widths=(8, 8))
    half = in_precision("mixed_float16", make)
    assert choose(half, TrainingConfig(precision="mixed_float16"), MANY) == KERAS


@pytest.mark.parametrize("device", ["cpu", "gpu"])
@pytest.mark.parametrize(
    ("form", "jit"),
    [
        ("convolution", True),
        ("convolution", False),
        ("shifted", True),
        ("shifted", False),
        ("fused", False),
    ],
)
def test_what_is_asked_for_is_done(
    distilled: keras.Model, on: Any, device: str, form: Any, jit: bool
) -> None:
    on(device)
    config = TrainingConfig(form=form, jit_compile=jit)
    assert choose(distilled, config, 1) == Computation(form, jit)


def test_one_setting_alone(distilled: keras.Model, other: keras.Model, on: Any) -> None:
    on("cpu")
    for form in ("shifted", "convolution", "fused"):
        for steps in (1, MANY):
            config = TrainingConfig(form=form)
            assert choose(distilled, config, steps) == Computation(form, None)
    assert choose(distilled, TrainingConfig(jit_compile=True), 1) == COMPILED
    assert choose(other, TrainingConfig(jit_compile=True), 1) == Computation("convolution", True)
    plain = Computation("convolution", False)
    assert choose(distilled, TrainingConfig(jit_compile=False), MANY) == plain
    on("gpu")
    assert choose(distilled, TrainingConfig(jit_compile=True), 1) == Computation(
        "convolution", True
    )


@pytest.mark.parametrize("form", ["auto", "convolution", "shifted", "fused"])
def test_null_leaves_all_to_keras(distilled: keras.Model, on: Any, form: Any) -> None:
    on("cpu")
    expected = "convolution" if form == "auto" else form
    config = TrainingConfig(form=form, jit_compile=None)
    assert choose(distilled, config, MANY) == Computation(expected, None)


def test_the_fused_form_is_not_compiled_by_xla() -> None:
    with pytest.raises(ValueError, match=r"form fused .* form: shifted"):
        TrainingConfig(form="fused", jit_compile=True)
