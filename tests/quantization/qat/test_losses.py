import keras
import numpy as np
import pytest

from dssd_tf.quantization.config import FineTuningConfig
from dssd_tf.quantization.qat.losses import FineTuningLoss
from dssd_tf.training.distillation.distillation_loss import DistillationLoss

RANDOM = np.random.default_rng(0)
LABELS = np.eye(3, dtype="f4")[[0, 2, 1, 1]]
LOGITS, TEACHER = RANDOM.normal(size=(2, 4, 3)).astype("f4")
STORED = RANDOM.normal(size=(4, 2, 3)).astype("f4")
WEIGHT = np.float32([0.5, 2, 1, 0.5])


def _soft(logits, temperature):
    z = logits.astype("f8") / temperature
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def _kl(teacher, student, temperature):
    t, s = _soft(teacher, temperature), _soft(student, temperature)
    return temperature**2 * (np.exp(t) * (t - s)).sum(-1)


def test_labels_and_float_model_are_weighted():
    config = FineTuningConfig(weight=0.25, temperature=3.0)
    found = FineTuningLoss(config, 0.0, None)(LABELS, LOGITS, TEACHER, None, None)
    student = -(LABELS * _soft(LOGITS, 1)).sum(-1)
    distillation = _kl(TEACHER, LOGITS, 3.0)
    assert float(found["student_loss"]) == pytest.approx(student.mean(), rel=1e-5)
    assert float(found["distillation_loss"]) == pytest.approx(distillation.mean(), rel=1e-5)
    expected = (0.75 * student + 0.25 * distillation).mean()
    assert float(found["loss"]) == pytest.approx(expected, rel=1e-5)


def test_weights_of_clips_and_smoothing_count():
    config = FineTuningConfig(weight=0.0)
    found = FineTuningLoss(config, 0.3, None)(LABELS, LOGITS, TEACHER, None, WEIGHT)
    smooth = 0.7 * LABELS + 0.1
    expected = (WEIGHT * -(smooth * _soft(LOGITS, 1)).sum(-1)).mean()
    assert float(found["loss"]) == pytest.approx(expected, rel=1e-5)


def test_the_bank_has_its_share():
    config = FineTuningConfig(weight=1.0, temperature=2.0, bank_share=0.25)
    bank = DistillationLoss(2.0, reduction="none")
    found = FineTuningLoss(config, 0.0, bank)(LABELS, LOGITS, TEACHER, STORED, None)
    expected = 0.75 * _kl(TEACHER, LOGITS, 2.0) + 0.25 * _kl(STORED.mean(1), LOGITS, 2.0)
    assert float(found["loss"]) == pytest.approx(expected.mean(), rel=1e-5)


def test_a_twin_that_equals_its_teacher_has_no_distillation_loss():
    config = FineTuningConfig(weight=1.0)
    found = FineTuningLoss(config, 0.0, None)(LABELS, TEACHER, TEACHER, None, None)
    assert float(keras.ops.abs(found["loss"])) < 1e-6
