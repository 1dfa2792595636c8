"""The 2022 baseline: a small CNN."""

import keras

from dssd_tf.layers.normalization import batch_normalization
from dssd_tf.models.registry import register


def Baseline2022(
    *,
    input_shape: tuple[int, int, int] = (51, 40, 1),
    classes: int = 10,
    dropout: float = 0.3,
    last_pool: tuple[int, int] = (10, 4),
    classifier_activation: str | None = None,
    name: str = "baseline_2022",
) -> keras.Model:
    """Three 7x7 convolutions and two dense layers, on 40 mel bands.

    Input: (batch, time, frequency, channels). Output: (batch, classes) logits; the organisers'
    model ends in a softmax (`classifier_activation="softmax"`).

    Source: DCASE 2022 Task 1 baseline; 2021's differs in the last pooling.

    Args:
        input_shape: (time, frequency, channels).
        classes: Outputs.
        dropout: Rate behind each pooling and before the last layer.
        last_pool: (time, frequency) of the second pooling.
        classifier_activation: None for logits, or "softmax".
        name: Name of the model.
    """
    inputs = keras.Input(input_shape, name="features")
    x = inputs
    for index, (filters, pool) in enumerate(((16, None), (16, (5, 5)), (32, last_pool)), start=1):
        x = keras.layers.Conv2D(filters, 7, padding="same", name=f"conv{index}")(x)
        x = batch_normalization(name=f"norm{index}")(x)
        x = keras.layers.ReLU(name=f"relu{index}")(x)
        if pool is not None:
            x = keras.layers.MaxPooling2D(pool, name=f"pool{index}")(x)
            x = keras.layers.Dropout(dropout, name=f"dropout{index}")(x)
    x = keras.layers.Flatten(name="flatten")(x)
    x = keras.layers.Dense(100, activation="relu", name="hidden")(x)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    outputs = keras.layers.Dense(classes, activation=classifier_activation, name="logits")(x)
    return keras.Model(inputs, outputs, name=name)


# The window of 40 ms and the hop of 20 ms are the organisers'; scale and norm of the mel bands
# and the standardisation are this package's defaults.
register(
    "baseline_2022",
    Baseline2022,
    "DCASE 2022 baseline",
    features={
        "n_fft": 2048,
        "win_length": 1764,
        "hop_length": 882,
        "n_mels": 40,
        "deltas": False,
    },
)
