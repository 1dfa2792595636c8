"""The learning rate over the steps of a training."""

import math
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="dssd_tf")
class WarmupCosine(keras.optimizers.schedules.LearningRateSchedule):
    """A linear rise, then half a cosine down.

    The same numbers as ``keras.optimizers.schedules.CosineDecay`` with a warm-up. Keras's weight
    decay asks for the rate once a variable; here a graph holds it once, and without branches.

    Source: Loshchilov & Hutter, SGDR (ICLR 2017), one cycle; the rise of Goyal et al. (2017).

    Args:
        peak: Learning rate after the rise.
        steps: Of the whole training.
        final: Learning rate at the end.
        warmup_start: Learning rate of the first step.
        warmup_steps: Of the rise; 0 for none.
    """

    def __init__(
        self,
        peak: float,
        steps: int,
        *,
        final: float = 0.0,
        warmup_start: float = 0.0,
        warmup_steps: int = 0,
    ):
        self.peak, self.steps, self.final = peak, steps, final
        self.warmup_start, self.warmup_steps = warmup_start, warmup_steps
        self._traced: tuple[Any, Any, Any] = (None, None, None)

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step, counted from 0."""
        graph = _graph()
        if graph is None:
            return self._rate(step)
        of_graph, of_step, rate = self._traced
        if of_graph is not graph or of_step is not step:
            rate = self._rate(step)
            self._traced = (graph, step, rate)
        return rate

    def _rate(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        span = max(self.steps - self.warmup_steps, 1)
        done = ops.clip((step - self.warmup_steps) / span, 0.0, 1.0)
        rate = self.final + (self.peak - self.final) * 0.5 * (1 + ops.cos(math.pi * done))
        if not self.warmup_steps:
            return rate
        rise = self.warmup_start + (self.peak - self.warmup_start) * step / self.warmup_steps
        return ops.where(step < self.warmup_steps, rise, rate)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this schedule again."""
        return {
            "peak": self.peak,
            "steps": self.steps,
            "final": self.final,
            "warmup_start": self.warmup_start,
            "warmup_steps": self.warmup_steps,
        }


def _graph() -> Any:
    """The graph of TensorFlow that is being traced, if any."""
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    return None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()
