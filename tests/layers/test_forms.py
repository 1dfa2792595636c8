import threading
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.layers import (
    OPERATORS,
    CrossDepthwiseConv,
    DistilledBlock,
    EfficientChannelAttention,
    ResidualDistilledBlock,
    make_operator,
)
from dssd_tf.layers.forms import FORMS, current_form, use_form
from dssd_tf.models.dsmn import DSMN
from dssd_tf.models.dssdn import DSSDN

SHAPE = (2, 9, 8, 8)
LAYERS: dict[str, Callable[[], keras.layers.Layer]] = {
    "cross": CrossDepthwiseConv,
    "cross, taps as far apart as the grid is long": lambda: CrossDepthwiseConv(9),
    "attention": EfficientChannelAttention,
    "attention over 5": lambda: EfficientChannelAttention(5),
    **{f"operator {name}": lambda name=name: make_operator(name, 6) for name in ("sc", "osc")},
    **{f"narrow {name}": lambda name=name: make_operator(name, 4) for name in OPERATORS},
    **{
        f"block {form} {name}": lambda name=name, form=form: DistilledBlock(
            10, operator=name, split=form == "S", distilled_filters=4
        )
        for name in OPERATORS
        for form in "SF"
    },
}
NETWORKS: dict[str, Callable[[], keras.Model]] = {
    "dsmn_s": lambda: DSMN("SS", input_shape=(8, 16, 2), widths=(8, 12)),
    "dsmn_f": lambda: DSMN("FF", input_shape=(8, 16, 2), widths=(8, 12)),
    **{
        f"dssdn_{variant}": lambda variant=variant: DSSDN(
            variant, input_shape=(8, 16, 1), pattern="SF", widths=(8, 12)
        )
        for variant in ("large", "middle", "small")
    },
}
CONVOLUTIONS = {"Conv2D", "DepthwiseConv2dNative"}


def _results(make: Callable[[], Any], randomize: Any, x: np.ndarray, form: Any) -> dict[str, Any]:
    """Outputs in training and at inference, gradients and statistics, computed in `form`."""
    keras.utils.set_random_seed(0)
    layer = make()
    layer.build(x.shape)
    randomize(layer)
    inputs = tf.constant(x)
    with use_form(form), tf.GradientTape() as tape:
        tape.watch(inputs)
        inference = layer(inputs, training=False)
        training = layer(inputs, training=True)
        weights = np.random.default_rng(3).normal(size=training.shape).astype(x.dtype)
        loss = tf.reduce_sum(training * weights) + sum(
            tf.cast(penalty, x.dtype) for penalty in layer.losses
        )
    variables = layer.trainable_weights
    gradients = tape.gradient(loss, [inputs, *(variable.value for variable in variables)])
    assert all(gradient is not None for gradient in gradients)
    names = ["input", *(variable.path for variable in variables)]
    return {
        "inference": inference,
        "training": training,
        **dict(zip(names, gradients, strict=True)),
        **{f"{w.path} after": w.value for w in layer.non_trainable_weights if "seed" not in w.path},
    }


def _assert_close(found: dict[str, Any], expected: dict[str, Any], tolerance: float = 1e-5) -> None:
    assert list(found) == list(expected)
    for name, value in expected.items():
        value = np.asarray(value)
        scale = max(float(np.abs(value).max()), 1.0)
        np.testing.assert_allclose(found[name], value, rtol=0, atol=tolerance * scale, err_msg=name)


def _same_names(results: dict[str, Any]) -> dict[str, Any]:
    """Names without the counters that Keras adds to those of a second layer."""
    return {
        f"{number} {name.split('/')[-1]}": v for number, (name, v) in enumerate(results.items())
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS)
def test_layers_compute_the_same_shifted(name: str, randomize: Any) -> None:
    x = np.random.default_rng(1).normal(size=SHAPE).astype("float32")
    forms = ("convolution", "shifted")
    plain, shifted = (_same_names(_results(LAYERS[name], randomize, x, form)) for form in forms)
    _assert_close(shifted, plain)


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("form", ["fused", "shifted"])
def test_residual_blocks_compute_the_same_in_every_form(
    split: bool, form: str, randomize: Any
) -> None:
    # Behind the operators the block computes as Keras does: in double precision nothing differs.
    def make() -> ResidualDistilledBlock:
        return ResidualDistilledBlock(10, operator="sc_g", split=split, distilled_filters=4)

    keras.config.set_dtype_policy("float64")
    x = np.random.default_rng(1).normal(size=SHAPE)
    plain = _same_names(_results(make, randomize, x, "convolution"))
    _assert_close(_same_names(_results(make, randomize, x, form)), plain, 1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS)
def test_layers_compute_the_same_fused(name: str, randomize: Any) -> None:
    x = np.random.default_rng(1).normal(size=SHAPE).astype("float32")
    fused = _same_names(_results(LAYERS[name], randomize, x, "fused"))
    keras.config.set_dtype_policy("float64")
    # In single precision the plain form itself keeps fewer digits where gradients cancel.
    plain = _results(LAYERS[name], randomize, x.astype("float64"), "convolution")
    _assert_close(fused, _same_names(plain))


@pytest.fixture(autouse=True)
def same_precision_afterwards() -> Iterator[None]:
    before = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(before)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_compute_the_same_in_all_forms(name: str, randomize: Any) -> None:
    keras.config.set_dtype_policy("float64")
    channels = 2 if name.startswith("dsmn") else 1
    x = np.random.default_rng(1).normal(size=(4, 8, 16, channels))
    plain, *others = [_same_names(_results(NETWORKS[name], randomize, x, form)) for form in FORMS]
    # In single precision, gradients that cancel in a normalization keep fewer digits.
    for other in others:
        _assert_close(other, plain, 1e-9)


def _operations(layer: Any, form: Any) -> set[str]:
    with use_form(form):
        traced = tf.function(lambda x: layer(x, training=True), autograph=False)
        graph = traced.get_concrete_function(tf.TensorSpec((None, *SHAPE[1:]))).graph
    return {operation.type for operation in graph.get_operations()}


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS)
def test_only_one_form_has_convolutions(name: str) -> None:
    layer = LAYERS[name]()
    layer.build(SHAPE)
    assert not _operations(layer, "shifted") & CONVOLUTIONS
    assert not _operations(layer, "fused") & CONVOLUTIONS
    assert _operations(layer, "convolution") & CONVOLUTIONS


@pytest.mark.parametrize("form", ["shifted", "fused"])
def test_an_open_time_axis_is_computed_too(form: Any, randomize: Any) -> None:
    layer = DistilledBlock(6)
    layer.build((None, None, 8, 8))
    randomize(layer)
    x = np.random.default_rng(1).normal(size=SHAPE).astype("float32")
    with use_form(form):
        traced = tf.function(lambda x: layer(x), autograph=False)
        found = traced.get_concrete_function(tf.TensorSpec((None, None, 8, 8)))(tf.constant(x))
    np.testing.assert_allclose(found, layer(x), rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_the_form_leaves_configuration_and_weights_alone() -> None:
    def description(form: Any) -> Any:
        keras.backend.clear_session()
        with use_form(form):
            model = NETWORKS["dsmn_s"]()
        return model.get_config(), [weight.path for weight in model.weights]

    assert description("shifted") == description("fused") == description("convolution")


@pytest.mark.parametrize("form", FORMS)
def test_half_precision_is_kept(form: Any) -> None:
    block = DistilledBlock(6, dtype="mixed_float16")
    with use_form(form):
        assert block(np.ones(SHAPE, "float32")).dtype == tf.float16


def test_a_form_ends_with_its_block_and_stays_in_its_thread() -> None:
    seen = []
    with use_form("shifted"):
        other = threading.Thread(target=lambda: seen.append(current_form()))
        other.start()
        other.join()
        with use_form("convolution"):
            seen.append(current_form())
        seen.append(current_form())
    with pytest.raises(RuntimeError), use_form("shifted"):
        raise RuntimeError
    assert [*seen, current_form()] == ["convolution", "convolution", "shifted", "convolution"]


def test_an_unknown_form_is_named() -> None:
    with (
        pytest.raises(ValueError, match=r"'fourier'.*convolution, shifted, fused"),
        use_form("fourier"),
    ):  # type: ignore[arg-type]
        pass
