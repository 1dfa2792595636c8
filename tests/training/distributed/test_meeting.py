"""On one process; several workers meet in test_trainings.py."""

import tensorflow as tf

from dssd_tf.training.distributed.meeting import meet_workers, on_replicas, place_of


def test_one_process_meets_nobody() -> None:
    meet_workers(None)
    meet_workers(tf.distribute.MirroredStrategy(["CPU:0"]), 3, 4)


def test_one_process_is_the_first_of_one() -> None:
    assert place_of(tf.distribute.MirroredStrategy(["CPU:0"])) == (0, 1)


def test_a_function_runs_on_the_replicas() -> None:
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])

    def doubled(value: tf.Tensor) -> tf.Tensor:
        replicas = tf.distribute.get_replica_context().num_replicas_in_sync
        return 2 * value + tf.cast(replicas, tf.float32)

    assert on_replicas(strategy, doubled)(tf.constant(3.0)) == 7.0
