import keras
import numpy as np
import pytest

from dssd_tf.training.averaging import averaged_weights

MOMENTUM = 0.5


def _model(use_ema: bool) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    ema = {"use_ema": True, "ema_momentum": MOMENTUM} if use_ema else {}
    model.compile(keras.optimizers.SGD(0.1, **ema), "mse")
    return model


@pytest.fixture
def batch() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.normal(size=(8, 3)).astype("float32"), np.ones((8, 2), "float32")


def test_it_is_the_moving_average_of_the_steps(batch):
    model = _model(use_ema=True)
    expected = None
    for _ in range(4):
        model.train_on_batch(*batch)
        now = model.get_weights()
        # Keras's average begins with the first step's weights.
        expected = (
            now
            if expected is None
            else [MOMENTUM * a + (1 - MOMENTUM) * w for a, w in zip(expected, now, strict=True)]
        )
    with averaged_weights(model):
        inside = model.get_weights()
    for found, value, last in zip(inside, expected, now, strict=True):
        np.testing.assert_allclose(found, value, atol=1e-6)
        assert np.abs(found - last).max() > 1e-4


def test_the_weights_come_back_even_after_an_error(batch):
    model = _model(use_ema=True)
    model.train_on_batch(*batch)
    model.train_on_batch(*batch)
    before = model.get_weights()
    with pytest.raises(RuntimeError), averaged_weights(model):
        raise RuntimeError
    for found, value in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, value)


def test_without_an_average_nothing_changes(batch):
    for model in (_model(use_ema=False), _model(use_ema=True)):  # the second has made no step
        before = model.get_weights()
        with averaged_weights(model):
            inside = model.get_weights()
        for found, value in zip(inside, before, strict=True):
            np.testing.assert_array_equal(found, value)


def test_the_average_survives_saving(batch, tmp_path):
    model = _model(use_ema=True)
    for _ in range(3):
        model.train_on_batch(*batch)
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    with averaged_weights(model), averaged_weights(again):
        for found, value in zip(again.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(found, value)
