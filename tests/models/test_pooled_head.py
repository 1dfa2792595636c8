import keras
import numpy as np
import pytest

from dssd_tf.models.pooled_head import pooled_head


def _model(activation: str | None) -> keras.Model:
    inputs = keras.Input((4, 5, 3))
    model = keras.Model(inputs, pooled_head(inputs, 2, activation))
    random = np.random.default_rng(0)
    model.set_weights([np.abs(random.normal(size=w.shape)) + 0.1 for w in model.get_weights()])
    return model


def test_logits_are_the_mean_of_the_normalized_maps() -> None:
    model, x = _model(None), np.random.default_rng(1).normal(size=(6, 4, 5, 3)).astype("float32")
    assert [layer.name for layer in model.layers[1:]] == ["head", "head_norm", "logits"]
    gamma, beta, mean, variance = model.get_layer("head_norm").get_weights()
    maps = x @ model.get_layer("head").get_weights()[0][0, 0]
    expected = gamma * (maps - mean) / np.sqrt(variance + model.get_layer("head_norm").epsilon)
    np.testing.assert_allclose(
        model(x, training=False), (expected + beta).mean(axis=(1, 2)), rtol=1e-4, atol=1e-5
    )


def test_an_activation_gives_probabilities_of_the_same_logits() -> None:
    x = np.random.default_rng(1).normal(size=(6, 4, 5, 3)).astype("float32")
    logits, probabilities = (_model(name)(x, training=False).numpy() for name in (None, "softmax"))
    exponentials = np.exp(logits)
    expected = exponentials / exponentials.sum(axis=1, keepdims=True)
    assert probabilities == pytest.approx(expected, abs=1e-6)
