"""Training and evaluating a model on one device, by Keras's own loop."""

from collections.abc import Callable, Sequence
from typing import Any

import keras

OnBatch = Callable[[int, float], None]
"""Is given the number of a batch, from 0, and the mean loss so far."""


class KerasLoop:
    """`Model.fit` and `Model.evaluate` in the form of a `ReplicaLoop`.

    Args:
        model: Compiled.
    """

    worker = 0

    def __init__(self, model: keras.Model):
        self._model = model

    def part(self, clips: int) -> slice:
        """What of a batch of so many clips is read: all."""
        return slice(0, clips)

    def fit(self, batches: Any, sizes: Sequence[int], on_batch: OnBatch) -> dict[str, float]:
        """Train on batches; the mean of each measure over their clips."""
        watch, optimizer = _Watch(on_batch), self._model.optimizer
        # At its end `fit` would put the moving average in the weights' place (`use_ema`), and
        # the next epoch would go on from there.
        optimizer.__dict__["finalize_variable_values"] = lambda variables: None
        try:
            fitted = self._model.fit(batches, shuffle=False, verbose=0, callbacks=[watch])
        finally:
            del optimizer.__dict__["finalize_variable_values"]
        return {name: float(values[-1]) for name, values in fitted.history.items()}

    def evaluate(self, batches: Any, sizes: Sequence[int]) -> dict[str, float]:
        """The mean of each measure over the clips of the batches."""
        found = self._model.evaluate(batches, verbose=0, return_dict=True)
        return {name: float(value) for name, value in found.items()}


class _Watch(keras.callbacks.Callback):
    def __init__(self, on_batch: OnBatch):
        super().__init__()
        self._on_batch = on_batch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._on_batch(batch, float((logs or {}).get("loss", 0.0)))
