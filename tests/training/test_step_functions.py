from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.models.dsmn import DSMN
from dssd_tf.training import TrainingConfig
from dssd_tf.training.computation import Computation
from dssd_tf.training.step_functions import StepFunction, install_step_functions
from dssd_tf.training.trainer import train

CLIPS, BATCH = 20, 8
KERAS = Computation("convolution", None)


def _compiled_model() -> keras.Model:
    keras.utils.set_random_seed(0)
    model = DSMN("SF", input_shape=(8, 8, 1), widths=(4, 6), classes=3, dropout=0.0)
    # Plain gradient descent: Adam divides rounding by rounding where a gradient vanishes.
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9),
        keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


@pytest.fixture(scope="module")
def batches() -> Any:
    """Two whole batches and a smaller one."""
    x = np.random.default_rng(0).normal(size=(CLIPS, 8, 8, 1)).astype("float32")
    y = np.eye(3, dtype="float32")[np.arange(CLIPS) % 3]
    return tf.data.Dataset.from_tensor_slices((x, y)).batch(BATCH)


def _trained(computation: Computation, batches: Any) -> tuple[keras.Model, Any, Any]:
    model = _compiled_model()
    install_step_functions(
        model, computation, computation, batch_size=BATCH, evaluation_batch_size=BATCH
    )
    history = model.fit(batches, epochs=2, shuffle=False, verbose=0).history
    return model, history, model.evaluate(batches, verbose=0, return_dict=True)


@pytest.fixture(scope="module")
def plain(batches: Any) -> tuple[keras.Model, Any, Any]:
    return _trained(KERAS, batches)


@pytest.mark.slow
@pytest.mark.parametrize(
    "computation",
    [
        Computation("shifted", False),
        Computation("fused", None),
        pytest.param(Computation("shifted", True), marks=pytest.mark.xla),
        pytest.param(Computation("convolution", True), marks=pytest.mark.xla),
    ],
    ids=str,
)
def test_training_ends_as_with_keras(
    computation: Computation, batches: Any, plain: tuple[keras.Model, Any, Any], tmp_path: Path
) -> None:
    model, history, scores = _trained(computation, batches)
    for mine, theirs in zip(model.weights, plain[0].weights, strict=True):
        expected = np.asarray(theirs)
        scale = max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(mine, expected, rtol=1e-5, atol=1e-5 * scale)
    for name, values in plain[1].items():
        np.testing.assert_allclose(history[name], values, rtol=1e-5)
    assert scores == pytest.approx(plain[2], rel=1e-5)
    # What is saved knows nothing of it.
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert not again.jit_compile and again.train_function is None


def test_a_step_is_traced_once_and_only_whole_batches_are_compiled(batches: Any) -> None:
    traces, weight = 0, tf.Variable(0.0)

    def step(data: Any) -> dict[str, Any]:
        nonlocal traces
        traces += 1
        weight.assign_add(tf.reduce_sum(data[1]))
        return {"clips": tf.shape(data[0])[0]}

    function = StepFunction(step, Computation("shifted", True), BATCH)
    sizes = []
    for _ in range(2):
        iterator = iter(batches)
        sizes += [int(function(iterator)["clips"]) for _ in range(3)]
        with pytest.raises(StopIteration):
            function(iterator)
    assert sizes == [8, 8, 4] * 2 and float(weight) == 2 * CLIPS
    assert traces == 1
    assert function._compiled.experimental_get_tracing_count() == 1


def test_keras_keeps_its_own_functions() -> None:
    model = _compiled_model()
    install_step_functions(model, KERAS, KERAS, batch_size=BATCH, evaluation_batch_size=BATCH)
    assert model.train_function is None and model.test_function is None


@pytest.fixture
def stop_in_second_epoch(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    fits, original = 0, keras.Model.fit

    def fit(self: keras.Model, *args: Any, **kwargs: Any) -> Any:
        nonlocal fits
        fits += 1
        if fits == 2:
            raise KeyboardInterrupt
        return original(self, *args, **kwargs)

    monkeypatch.setattr(keras.Model, "fit", fit)
    yield monkeypatch


@pytest.mark.parametrize(
    "computation",
    [
        pytest.param({"form": "fused"}, marks=pytest.mark.slow),
        pytest.param({"jit_compile": True}, marks=pytest.mark.xla),
    ],
    ids=str,
)
def test_a_training_in_another_form_goes_on_exactly(
    computation: dict[str, Any],
    clips: Callable[..., Any],
    tmp_path: Path,
    stop_in_second_epoch: pytest.MonkeyPatch,
) -> None:
    def run(folder: Path) -> keras.Model:
        return train(
            lambda: DSMN("SF", input_shape=(8, 8, 1), widths=(4, 6), classes=3),
            clips(20, 1),
            None,
            TrainingConfig(epochs=2, batch_size=BATCH, **computation),
            seed=5,
            folder=folder / "training",
            history_path=folder / "history.csv",
        )

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "stopped")
    stop_in_second_epoch.undo()
    resumed, whole = run(tmp_path / "stopped"), run(tmp_path / "whole")
    for mine, theirs in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
