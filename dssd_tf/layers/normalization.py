"""The batch normalization all networks here share."""

from typing import Any

import keras


def batch_normalization(name: str = "norm", **kwargs: Any) -> keras.layers.BatchNormalization:
    """BatchNormalization with epsilon 1e-5 and momentum 0.9, as in the reference networks."""
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name, **kwargs)
