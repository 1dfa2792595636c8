"""The distillation loss against Keras's and against formulas."""

import keras
import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from dssd_tf.training.distillation.distillation_loss import DistillationLoss


def _logits(*shape: int, seed: int = 0) -> np.ndarray:
    return 3 * np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_with_one_teacher_it_is_that_of_keras(temperature: float) -> None:
    # Small logits: Keras cuts probabilities off at 1e-7.
    teacher, student = _logits(8, 5) / 3, _logits(8, 5, seed=1) / 3
    # Given by name, Keras 3.15 takes the divergence of the logits, without a softmax.
    of_keras = keras.distillation.LogitsDistillation(temperature, keras.losses.KLDivergence())
    expected = of_keras.compute_loss(teacher, student)
    loss = DistillationLoss(temperature)(teacher, student)
    np.testing.assert_allclose(loss, expected, rtol=2e-5)


def test_cross_entropy_exceeds_the_divergence_by_the_teachers_entropy() -> None:
    teacher, student = _logits(8, 5), _logits(8, 5, seed=1)
    divergence = DistillationLoss(2.0, reduction="none")(teacher, student)
    entropy = DistillationLoss(2.0, divergence="categorical_crossentropy", reduction="none")
    p = softmax(teacher / 2, axis=-1)
    own = -4 * (p * log_softmax(teacher / 2, axis=-1)).sum(-1)
    np.testing.assert_allclose(entropy(teacher, student) - divergence, own, rtol=1e-4)


def test_a_high_temperature_leaves_the_squared_difference_of_centred_logits() -> None:
    teacher, student = _logits(8, 5), _logits(8, 5, seed=1)
    difference = teacher - student
    difference -= difference.mean(-1, keepdims=True)
    loss = DistillationLoss(300.0, reduction="none")(teacher, student)
    np.testing.assert_allclose(loss, (difference**2).sum(-1) / (2 * 5), rtol=0.05)


def test_a_low_temperature_leaves_the_teachers_first_choice() -> None:
    teacher = np.array([[0.0, 3.0, 1.0]], np.float32)
    student = np.array([[2.0, 1.0, 0.0]], np.float32)
    loss = DistillationLoss(0.01, divergence="categorical_crossentropy")(teacher, student)
    # T² times the gap of the student's logits divided by T.
    np.testing.assert_allclose(loss, 0.01 * (2.0 - 1.0), rtol=1e-4)


def test_equal_logits_cost_nothing_and_extreme_ones_stay_finite() -> None:
    logits = np.array([[1e4, -1e4, 0.0]], np.float32)
    assert float(DistillationLoss(1.0)(logits, logits)) == 0
    assert np.isfinite(float(DistillationLoss(1.0)(logits, -logits)))


def test_several_teachers_are_averaged_with_their_weights() -> None:
    teachers, student = _logits(6, 3, 5), _logits(6, 5, seed=1)
    weights = np.array([1.0, 2.0, 1.0])
    mean = np.average(teachers, axis=1, weights=weights)
    by_logits = DistillationLoss(2.0, teacher_weights=weights.tolist())
    np.testing.assert_allclose(
        by_logits(teachers, student), DistillationLoss(2.0)(mean, student), rtol=1e-5
    )
    p = np.average(softmax(teachers / 2, axis=-1), axis=1, weights=weights)
    expected = 4 * (p * (np.log(p) - log_softmax(student / 2, axis=-1))).sum(-1).mean()
    by_probability = DistillationLoss(
        2.0, teacher_weights=weights.tolist(), average="probabilities"
    )
    np.testing.assert_allclose(by_probability(teachers, student), expected, rtol=1e-5)


def test_a_sample_weight_counts_each_clip() -> None:
    teacher, student = _logits(4, 5), _logits(4, 5, seed=1)
    weight = np.array([0.0, 1.0, 2.0, 0.5], np.float32)
    each = np.asarray(DistillationLoss(reduction="none")(teacher, student))
    np.testing.assert_allclose(
        DistillationLoss()(teacher, student, weight), (each * weight).sum() / 4, rtol=1e-5
    )


def test_it_is_made_again_from_its_config() -> None:
    loss = DistillationLoss(3.0, teacher_weights=(1, 2), average="probabilities")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert again.get_config() == loss.get_config()


@pytest.mark.parametrize(
    "arguments",
    [
        {"temperature": 0.0},
        {"temperature": float("nan")},
        {"divergence": "mse"},
        {"average": "median"},
        {"teacher_weights": (1.0, 0.0)},
    ],
)
def test_a_wrong_argument_is_refused(arguments: dict) -> None:
    with pytest.raises(ValueError):
        DistillationLoss(**arguments)
