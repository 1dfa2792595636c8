"""The classifier of the receptive-field-limited networks."""

from typing import Any

import keras

from dssd_tf.layers.normalization import batch_normalization


def pooled_head(x: Any, classes: int, activation: str | None) -> Any:
    """1x1 convolution to the classes, batch normalization, global average pooling."""
    x = keras.layers.Conv2D(classes, 1, use_bias=False, name="head")(x)
    x = batch_normalization(name="head_norm")(x)
    x = keras.layers.GlobalAveragePooling2D(name="logits")(x)
    return keras.layers.Activation(activation, name="probabilities")(x) if activation else x
