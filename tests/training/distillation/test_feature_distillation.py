"""Features brought to one shape and compared."""

import keras
import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.training.distillation.feature_distillation import FeatureDistillation, FeatureLoss


def _maps(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    return tuple(random.standard_normal(shape).astype(np.float32) for _ in range(2))  # type: ignore


@pytest.mark.parametrize(
    ("distance", "name", "shift"), [("mse", "mse", 0), ("cosine", "cosine_similarity", 1)]
)
def test_the_distances_are_those_of_keras(distance: str, name: str, shift: float) -> None:
    teacher, student = _maps(4, 3, 2, 5)
    expected = keras.distillation.FeatureDistillation(name).compute_loss(teacher, student)
    found = FeatureLoss(distance)(teacher, student)
    np.testing.assert_allclose(found, shift + expected, rtol=1e-5)
    each = np.asarray(FeatureLoss(distance, reduction="none")(teacher, student))
    weight = np.array([0.0, 1.0, 2.0, 3.0], np.float32)
    np.testing.assert_allclose(
        FeatureLoss(distance)(teacher, student, weight), (each * weight).mean(), rtol=1e-5
    )


def test_equal_shapes_are_left_alone() -> None:
    student, teacher = _maps(4, 3, 2, 5)
    pair = FeatureDistillation("a", "b")
    ours, theirs = pair(student, teacher)
    np.testing.assert_array_equal(ours, student)
    np.testing.assert_array_equal(theirs, teacher)
    assert pair.trainable_variables == []


def test_channels_are_projected_and_extents_averaged_down() -> None:
    student, _ = _maps(4, 6, 2, 3)
    teacher, _ = _maps(4, 3, 4, 5)
    pair = FeatureDistillation("a", "b")
    ours, theirs = pair(student, teacher)
    kernel, bias = (np.asarray(v) for v in pair.trainable_variables)
    halved = student.reshape(4, 3, 2, 2, 3).mean(axis=2)
    np.testing.assert_allclose(ours, halved @ kernel + bias, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(theirs, teacher.reshape(4, 3, 2, 2, 5).mean(axis=3), atol=1e-6)


def test_features_that_cannot_be_compared_are_told() -> None:
    pair = FeatureDistillation("conv", "flat")
    with pytest.raises(ModelError, match=r"'conv' \(3, 2, 5\) .* 'flat' \(30,\)"):
        pair.build((None, 3, 2, 5), (None, 30))
    with pytest.raises(ModelError, match="not fixed"):
        pair.build((None, None, 5), (None, 4, 5))


@pytest.mark.parametrize("arguments", [{"loss": "mae"}, {"weight": 0.0}, {"teacher": -1}])
def test_a_wrong_argument_is_refused(arguments: dict) -> None:
    with pytest.raises(ValueError):
        FeatureDistillation("a", "b", **arguments)
