"""Live and stored teachers."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.errors import ModelError
from dssd_tf.training.distillation.feature_distillation import FeatureDistillation
from dssd_tf.training.distillation.teachers import Teachers, stacked_logits


def test_live_ones_come_first_and_coarse_logits_are_cut_off() -> None:
    live, stored = tf.ones((2, 5)), tf.zeros((2, 2, 3), tf.float16)
    found = stacked_logits([live], stored, 3, 5)
    assert found.shape == (2, 3, 3) and found.dtype == tf.float32
    np.testing.assert_array_equal(found[0, :, 0], [1, 0, 0])
    assert stacked_logits([], tf.zeros((2, 3)), 3, 3).shape == (2, 1, 3)


def test_teachers_that_do_not_fit_are_told() -> None:
    with pytest.raises(ModelError, match="nothing to distil from"):
        stacked_logits([], None, 3, 3)
    with pytest.raises(ModelError, match="a teacher has 4 logits, the student 5"):
        stacked_logits([tf.ones((2, 4))], None, 3, 5)


def test_another_input_is_told(network: Callable[..., keras.Model]) -> None:
    inputs = keras.Input((7,))
    other = keras.Model(inputs, keras.layers.Dense(4)(inputs), name="other")
    with pytest.raises(ModelError, match=r"'other' takes \(7,\), the student \(6, 8, 1\)"):
        Teachers([other], [], network())


def test_features_need_their_teacher(network: Callable[..., keras.Model]) -> None:
    with pytest.raises(ModelError, match="live teacher 1, but there are 1"):
        Teachers([network()], [FeatureDistillation("conv", "conv", teacher=1)], network())
