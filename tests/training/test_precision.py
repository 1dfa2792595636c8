from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dssd_tf.training import TrainingConfig
from dssd_tf.training.precision import in_precision
from dssd_tf.training.trainer import train


def _policies(model: keras.Model) -> set[str]:
    return {layer.dtype_policy.name for layer in model.layers}


@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_every_layer_has_the_precision(make_model: Callable[[], Any], precision: Any) -> None:
    before = keras.config.dtype_policy().name
    model = in_precision(precision, make_model)
    assert _policies(model) == {precision}
    assert {weight.dtype for weight in model.trainable_weights} == {"float32"}
    assert keras.config.dtype_policy().name == before


def test_auto_leaves_the_global_policy(make_model: Callable[[], Any]) -> None:
    assert _policies(in_precision("auto", make_model)) == {keras.config.dtype_policy().name}


def test_the_policy_is_set_back_after_an_error() -> None:
    def fail() -> keras.Model:
        raise RuntimeError

    before = keras.config.dtype_policy().name
    with pytest.raises(RuntimeError):
        in_precision("mixed_float16", fail)
    assert keras.config.dtype_policy().name == before


@pytest.mark.slow
def test_a_training_in_half_precision_gives_a_model_in_full(
    make_model: Callable[[], Any], clips: Callable[..., Any], tmp_path: Path
) -> None:
    def run(precision: Any) -> tuple[keras.Model, dict[str, Any]]:
        config = TrainingConfig(epochs=2, batch_size=8, precision=precision)
        folder = tmp_path / precision
        model = train(
            make_model,
            clips(20, 1),
            clips(9, 2),
            config,
            seed=3,
            folder=folder / "training",
            history_path=folder / "history.csv",
        )
        (checkpoint,) = (folder / "training").iterdir()
        kept = keras.saving.load_model(checkpoint / "model.keras")
        return model, {layer.name: layer.dtype_policy.name for layer in kept.layers}

    full, _ = run("float32")
    half, while_training = run("mixed_float16")
    assert while_training["conv"] == while_training["logits"] == "mixed_float16"
    assert _policies(half) == {"float32"}
    pairs = list(zip(half.get_weights(), full.get_weights(), strict=True))
    # Rounding to float16 is seen, and no more than that.
    assert any((mine != theirs).any() for mine, theirs in pairs)
    for mine, theirs in pairs:
        np.testing.assert_allclose(mine, theirs, rtol=0.02, atol=0.02)
