"""What a train step is given; the sums over replicas are tested in test_replica_loop.py."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.training.distributed.gradients import local_replica, whole_batch_gradients
from dssd_tf.training.distributed.meeting import on_replicas


@pytest.mark.parametrize("scaled", [False, True])
def test_the_loss_takes_its_factor_and_the_optimizer_is_as_before(scaled: bool) -> None:
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        weight = keras.Variable([1.0, 1.0])
        inner = keras.optimizers.SGD(1.0, global_clipnorm=1.0)
        optimizer = keras.optimizers.LossScaleOptimizer(inner) if scaled else inner
        optimizer.build([weight])

    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = optimizer.scale_loss(tf.reduce_sum(weight.value * [0.3, 0.4]))
        optimizer.apply_gradients([(tape.gradient(loss, weight.value), weight)])
        return tf.cast(local_replica(), tf.int32)

    before = [set(vars(inner)), set(vars(optimizer))]
    with whole_batch_gradients(optimizer, tf.constant([4.0])):
        assert on_replicas(strategy, step)() == 0
    # The gradient (1.2, 1.6) of norm 2 is clipped to norm 1.
    np.testing.assert_allclose(weight.numpy(), [1 - 0.6, 1 - 0.8], rtol=1e-6)
    assert before == [set(vars(inner)), set(vars(optimizer))]
