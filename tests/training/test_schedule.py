import keras
import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.training.schedule import WarmupCosine


@pytest.mark.parametrize("warmup", [0, 1, 7])
def test_equals_kerass_schedule(warmup):
    own = WarmupCosine(3e-3, 40, final=1e-5, warmup_start=5e-5, warmup_steps=warmup)
    given = {"alpha": 1e-5 / 3e-3}
    keras_own = keras.optimizers.schedules.CosineDecay(3e-3, 40, **given)
    if warmup:
        given |= {"warmup_target": 3e-3, "warmup_steps": warmup}
        keras_own = keras.optimizers.schedules.CosineDecay(5e-5, 40 - warmup, **given)
    for step in range(45):
        np.testing.assert_allclose(own(step), keras_own(step), rtol=1e-5, atol=1e-9)


def test_a_graph_holds_it_once_and_follows_the_step():
    schedule = WarmupCosine(1e-2, 10, warmup_steps=2)
    steps = tf.Variable(0, dtype="int64")

    @tf.function(autograph=False)
    def rates():
        return schedule(steps), schedule(steps)

    graph = rates.get_concrete_function().graph
    assert sum(op.type == "Cos" for op in graph.get_operations()) == 1
    for step in (0, 1, 5, 10):
        steps.assign(step)
        np.testing.assert_allclose(rates(), [schedule(step)] * 2, rtol=1e-6)


def test_another_step_of_the_same_graph_has_its_own_rate():
    schedule = WarmupCosine(1e-2, 10)

    @tf.function(autograph=False)
    def rates(first, second):
        return schedule(first), schedule(second), schedule(first)

    found = rates(tf.constant(2), tf.constant(8))
    np.testing.assert_allclose(found, [schedule(2), schedule(8), schedule(2)], rtol=1e-6)


def test_it_survives_being_saved():
    schedule = WarmupCosine(1e-2, 10, final=1e-4, warmup_start=1e-5, warmup_steps=2)
    stored = keras.saving.serialize_keras_object(schedule)
    restored = keras.saving.deserialize_keras_object(stored)
    assert restored.get_config() == schedule.get_config()
    np.testing.assert_array_equal(restored(3), schedule(3))


def test_a_rise_longer_than_the_training_never_divides_by_zero():
    assert np.isfinite(WarmupCosine(1e-2, 1, warmup_steps=1)(0))
