"""Training and evaluating a model on the replicas of a strategy."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import numpy as np

from dssd_tf.layers.forms import Form, use_form
from dssd_tf.training.distributed.gradients import local_replica, whole_batch_gradients
from dssd_tf.training.distributed.meeting import on_replicas, place_of
from dssd_tf.training.distributed.shares import local_bounds, share_weights, worker_part
from dssd_tf.training.distributed.worker_failure import worker_failure


class ReplicaLoop:
    """Takes batches through the `train_step` and `test_step` of a model on several replicas.

    `Model.fit` would average over replicas instead of clips where shares differ, and fails with
    several workers (seen with Keras 3.15). Here losses, metrics and gradients are those of the
    whole batch, however it is divided. What differs from one replica: batch normalization takes
    its statistics over a replica's share (its moving statistics are the mean over the replicas),
    and random layers draw for each replica.

    All workers call the same methods in the same order; what is returned is the same on all.

    Args:
        model: Compiled, made under the scope of `strategy`.
        strategy: A `MirroredStrategy` or `MultiWorkerMirroredStrategy`.
        form: In which layers compute.
    """

    def __init__(self, model: keras.Model, strategy: Any, form: Form = "convolution"):
        self._model, self._strategy, self._form = model, strategy, form
        self.replicas = strategy.num_replicas_in_sync
        self.worker, self.workers = place_of(strategy)
        self._steps: dict[bool, tuple[list[str], Any]] = {}
        self._spread, self._average = self._spreading(), self._averaging()

    def part(self, clips: int) -> slice:
        """What of a batch of so many clips this worker reads; the batches of `fit` are these."""
        return worker_part(clips, self.worker, self.workers, self.replicas)

    def fit(
        self,
        batches: Iterable[Any],
        sizes: Sequence[int],
        on_batch: Callable[[int, float], None] = lambda batch, loss: None,
    ) -> dict[str, float]:
        """Train on batches; the mean of each measure over their clips.

        Args:
            batches: Elements as for `Model.fit`, each the `part` of this worker.
            sizes: Clips of each whole batch.
            on_batch: Is given the number of the batch, from 0, and the mean loss so far.

        Raises:
            RunError: Another worker has ended.
        """
        with worker_failure(self.workers):
            self._spread()
            means = self._run(batches, sizes, True, on_batch)
            self._average()
        return means

    def evaluate(self, batches: Iterable[Any], sizes: Sequence[int]) -> dict[str, float]:
        """The mean of each measure of `test_step` over the clips of the batches.

        Args:
            batches: See `fit`.
            sizes: Clips of each whole batch.

        Raises:
            RunError: Another worker has ended.
        """
        with worker_failure(self.workers):
            return self._run(batches, sizes, False, lambda batch, loss: None)

    def _run(
        self,
        batches: Iterable[Any],
        sizes: Sequence[int],
        training: bool,
        on_batch: Callable[[int, float], None],
    ) -> dict[str, float]:
        sums: dict[str, float] = {}
        done = 0
        for number, (batch, clips) in enumerate(zip(batches, sizes, strict=True)):
            names, step = self._step(batch, training)
            bounds = local_bounds(clips, self.worker, self.workers, self.replicas)
            own = len(bounds)
            first = self.worker * own
            weights = share_weights(clips, self.replicas)[first : first + own]
            values = step(batch, bounds, weights).numpy().astype(np.float64)
            done += clips
            for name, value in zip(names, values.tolist(), strict=True):
                sums[name] = sums.get(name, 0.0) + value * clips
            on_batch(number, sums["loss"] / done)
        return {name: total / done for name, total in sums.items()}

    def _step(self, batch: Any, training: bool) -> tuple[list[str], Any]:
        """The names of the measures, and the traced step, which gives those of a batch."""
        if training in self._steps:
            return self._steps[training]
        import tensorflow as tf

        model, strategy, replicas = self._model, self._strategy, self.replicas
        with strategy.scope():
            model._symbolic_build(data_batch=batch)
        names: list[str] = []

        def on_replica(batch: Any, bounds: Any, weights: Any) -> Any:
            local = local_replica()
            # Only the share goes to the replica's device.
            with tf.device("CPU:0"):
                start, end = bounds[local, 0], bounds[local, 1]
                share = keras.tree.map_structure(lambda tensor: tensor[start:end], batch)
                weight = weights[local]
            with use_form(self._form):
                # Keras's metrics go on over an epoch; afresh they give the measures of a share.
                for metric in model.metrics:
                    metric.reset_state()
                found = model.train_step(share) if training else model.test_step(share)
            names[:] = sorted(found)
            values = tf.stack([tf.cast(found[name], tf.float32) for name in names])
            context = tf.distribute.get_replica_context()
            return context.all_reduce(tf.distribute.ReduceOp.SUM, values * weight)

        def step(batch: Any, bounds: Any, weights: Any) -> Any:
            arguments = (batch, bounds, weights)
            if not training:
                values = strategy.run(on_replica, args=arguments)
            else:
                with whole_batch_gradients(model.optimizer, weights * replicas):
                    values = strategy.run(on_replica, args=arguments)
            return strategy.experimental_local_results(values)[0]

        def open_batch(tensor: Any) -> Any:
            return tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype)

        traced = tf.function(step, autograph=False).get_concrete_function(
            keras.tree.map_structure(open_batch, batch),
            tf.TensorSpec((replicas // self.workers, 2), tf.int32),
            tf.TensorSpec((replicas // self.workers,), tf.float32),
        )
        self._steps[training] = (names, traced)
        return self._steps[training]

    def _spreading(self) -> Callable[[], Any]:
        """Lets random layers draw other numbers on each replica, from the state they have."""
        import tensorflow as tf

        states = [v for v in self._model.variables if v.path.endswith("seed_generator_state")]

        def spread() -> Any:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            for state in states:
                value = tf.cast(state.value, tf.int64)
                # The first number is a key: any other one gives unrelated draws.
                other = value + tf.cast(replica, tf.int64) * tf.constant([1, 0], tf.int64)
                state.assign(tf.cast(other % 2**32, state.value.dtype))
            return tf.zeros(())

        return on_replicas(self._strategy, spread) if states else lambda: None

    def _averaging(self) -> Callable[[], Any]:
        """Gives all replicas the mean of their moving statistics.

        Keras leaves each replica its own. As moving averages are linear, averaging once equals
        averaging after each step.
        """
        import tensorflow as tf

        floats = [v for v in self._model.non_trainable_weights if "float" in str(v.dtype)]

        def average() -> Any:
            context = tf.distribute.get_replica_context()
            values = [tf.identity(v.value) for v in floats]
            means = context.all_reduce(tf.distribute.ReduceOp.MEAN, values)
            for variable, mean in zip(floats, means, strict=True):
                variable.assign(mean)
            return tf.zeros(())

        return on_replicas(self._strategy, average) if floats else lambda: None
