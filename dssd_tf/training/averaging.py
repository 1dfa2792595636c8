"""The moving average of the weights, in place of the weights themselves."""

import contextlib
from collections.abc import Iterator

import keras
import numpy as np


@contextlib.contextmanager
def averaged_weights(model: keras.Model) -> Iterator[None]:
    """Give the model the optimizer's moving average of its weights for a while.

    Does nothing if the optimizer keeps none (`use_ema`). Batch normalization's statistics are
    moving averages anyhow and stay as they are.

    Source: Polyak & Juditsky, Acceleration of stochastic approximation by averaging (1992).
    """
    optimizer = model.optimizer
    if not getattr(optimizer, "use_ema", False) or not optimizer.built:
        yield
        return
    variables = model.trainable_variables
    own = [np.array(variable) for variable in variables]
    averages = optimizer._model_variables_moving_average
    for variable, average in zip(variables, averages, strict=True):
        variable.assign(average)
    try:
        yield
    finally:
        for variable, value in zip(variables, own, strict=True):
            variable.assign(value)
