"""Projected gradients of losses, and two replicas as one."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.training.distillation.task_gradients import projected_gradients

REPLICAS = Path(__file__).with_name("two_replicas.py")


def test_penalties_are_added_unprojected_and_unused_variables_get_zero() -> None:
    used, unused = keras.Variable([1.0, 1.0]), keras.Variable([1.0])
    with tf.GradientTape(persistent=True) as tape:
        first = tf.reduce_sum(used.value * [1.0, 0.0])
        second = tf.reduce_sum(used.value * [-1.0, 1.0])
        penalty = tf.reduce_sum(used.value * [-10.0, 0.0])
    found = projected_gradients(tape, [first, second], penalty, [used, unused], seed=0, step=3)
    np.testing.assert_allclose(found[0], [0.5 - 10, 1.5], rtol=1e-6)
    np.testing.assert_array_equal(found[1], [0.0])


@pytest.mark.slow
def test_two_replicas_train_as_one() -> None:
    done = subprocess.run(
        [sys.executable, str(REPLICAS)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["replicas"] == 2
    assert found["moved"] > 1e-3
    assert found["sum"] < 1e-6 and found["pcgrad"] < 1e-6
    assert found["loss"] < 1e-5
