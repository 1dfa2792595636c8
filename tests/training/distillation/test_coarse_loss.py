"""The loss of the coarse classes against NumPy."""

import keras
import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from dssd_tf.errors import ModelError
from dssd_tf.training.distillation.coarse_loss import CoarseLoss

TABLE = np.array([[1, 0], [0, 1], [1, 0]], np.float32)
SOFT = np.array([[0.7, 0.2, 0.1], [0.0, 1.0, 0.0]], np.float32)


def _logits(outputs: int) -> np.ndarray:
    return np.random.default_rng(3).standard_normal((2, outputs)).astype(np.float32)


def test_extra_logits_are_the_coarse_classes() -> None:
    logits = _logits(5)
    labels = np.array([[0.8, 0.2], [0.0, 1.0]])
    expected = -(labels * log_softmax(logits[:, 3:], axis=-1)).sum(-1).mean()
    np.testing.assert_allclose(CoarseLoss(TABLE)(SOFT, logits), expected, rtol=1e-5)


def test_without_them_the_scenes_probabilities_add_up() -> None:
    logits = _logits(3)
    p = softmax(logits, axis=-1) @ TABLE
    expected = -((SOFT @ TABLE) * np.log(p)).sum(-1).mean()
    np.testing.assert_allclose(CoarseLoss(TABLE)(SOFT, logits), expected, rtol=1e-5)
    far = np.array([[200.0, 0.0, 0.0], [0.0, 200.0, 0.0]], np.float32)
    assert np.isfinite(float(CoarseLoss(TABLE)(SOFT, far)))


def test_labels_may_be_indices() -> None:
    logits, indices = _logits(5), np.array([2, 1])
    loss = CoarseLoss(TABLE)
    np.testing.assert_allclose(loss(indices, logits), loss(np.eye(3)[indices], logits), rtol=1e-6)


def test_another_number_of_outputs_is_told() -> None:
    with pytest.raises(ModelError, match=r"4 outputs — give it 3 .* or 5"):
        CoarseLoss(TABLE)(SOFT, _logits(4))


def test_a_scene_has_one_coarse_class() -> None:
    with pytest.raises(ValueError, match="single 1"):
        CoarseLoss([[1, 1], [0, 1]])


def test_it_is_made_again_from_its_config() -> None:
    loss = CoarseLoss(TABLE)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    np.testing.assert_allclose(again(SOFT, _logits(5)), loss(SOFT, _logits(5)))
