"""The weight of the distillation loss over the steps of a training."""

import math
from typing import Any, Literal

import keras
from keras import ops

Shape = Literal["linear", "cosine"]
"""How the weight goes from its first value to its last."""


@keras.saving.register_keras_serializable(package="dssd_tf")
class WeightSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """From `start` to `end` in a number of steps, then constant.

    A Keras schedule, so that any other one of Keras can stand in its place. Unlike Keras's
    cosine decay it may rise, and start from 0.

    Args:
        start: Weight of the first step, in [0, 1].
        end: Weight from step `steps` on, in [0, 1].
        steps: Steps of the optimizer from `start` to `end`; epochs times steps an epoch.
        shape: ``"linear"`` or ``"cosine"`` (half a period).

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(self, start: float, end: float, steps: int, shape: Shape = "cosine"):
        super().__init__()
        if not (0 <= start <= 1 and 0 <= end <= 1):
            raise ValueError(f"distillation weights lie in [0, 1], got {start} to {end}")
        if steps < 1:
            raise ValueError(f"a schedule takes at least 1 step, got {steps}")
        if shape not in ("linear", "cosine"):
            raise ValueError(f"unknown schedule {shape!r}; choose linear or cosine")
        self.start, self.end, self.steps, self.shape = start, end, steps, shape

    def __call__(self, step: Any) -> Any:
        """The weight at a step counted from 0, a scalar float32 tensor."""
        done = ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)
        if self.shape == "cosine":
            done = 0.5 * (1 - ops.cos(math.pi * done))
        return self.start + (self.end - self.start) * done

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this schedule again."""
        return {"start": self.start, "end": self.end, "steps": self.steps, "shape": self.shape}
