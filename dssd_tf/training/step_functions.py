"""The functions that Keras calls for each batch, computed in a chosen form."""

from collections.abc import Callable, Iterator
from typing import Any

import keras

from dssd_tf.layers.forms import use_form
from dssd_tf.training.computation import Computation


def install_step_functions(
    model: keras.Model,
    training: Computation,
    evaluation: Computation,
    *,
    batch_size: int,
    evaluation_batch_size: int,
) -> None:
    """Let `model.fit` and `model.evaluate` compute as chosen, from now until the next compile.

    The model itself, and so what is saved of it, stays as it is: `jit_compile` is not set, as
    other uses of the model are slower with it. Only whole batches are compiled by XLA. A smaller
    one, the last of an epoch, runs without, from the same trace: compiling anew for its shape
    would take longer than it wins.

    Models on several replicas, and other back ends than TensorFlow, keep Keras's own functions.

    Args:
        model: Compiled in the sense of `model.compile`.
        training: For `fit`.
        evaluation: For `evaluate`.
        batch_size: Clips of a whole batch of `fit`.
        evaluation_batch_size: Clips of a whole batch of `evaluate`.
    """
    if keras.backend.backend() != "tensorflow":
        return
    if model.distribute_strategy.num_replicas_in_sync > 1:
        return
    keras_default = Computation("convolution", None)
    if training != keras_default:
        model.train_function = StepFunction(model.train_step, training, batch_size)
    if evaluation != keras_default:
        model.test_function = StepFunction(model.test_step, evaluation, evaluation_batch_size)


class StepFunction:
    """Takes the next batch of an iterator through a step that is traced once."""

    def __init__(self, step: Callable[..., Any], computation: Computation, batch_size: int):
        self._step, self._computation, self._batch_size = step, computation, batch_size
        self._plain: Any = None
        self._compiled: Any = None

    def __call__(self, iterator: Iterator[Any]) -> Any:
        data = next(iterator)
        if self._plain is None:
            self._trace(data)
        whole = keras.tree.flatten(data)[0].shape[0] == self._batch_size
        return (self._compiled if whole else self._plain)(data)

    def _trace(self, data: Any) -> None:
        import tensorflow as tf

        def open_batch(tensor: Any) -> Any:
            return tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype)

        specification = keras.tree.map_structure(open_batch, data)
        with use_form(self._computation.form):
            step = tf.function(self._step, autograph=False)
            self._plain = step.get_concrete_function(specification)
        # Holds the traced step as a call: XLA compiles what the smaller batches run.
        plain = self._plain
        self._compiled = (
            tf.function(lambda batch: plain(batch), autograph=False, jit_compile=True)
            if self._computation.jit
            else plain
        )
