"""DSMN, the precursor whose published networks fix every detail of the block."""

from collections.abc import Sequence
from pathlib import Path

import keras

from dssd_tf.models.block_network import block_network
from dssd_tf.models.registry import register


def DSMN(
    pattern: str = "SSSSS",
    *,
    input_shape: tuple[int | None, int, int] = (44, 256, 2),
    classes: int = 13,
    include_top: bool = True,
    weights: Path | str | None = None,
    pooling: str | None = None,
    classifier_activation: str | None = None,
    widths: Sequence[int] = (24, 32, 64, 64, 64),
    dropout: float = 0.3,
    name: str = "dsmn",
) -> keras.Model:
    """The DSMN networks: distilled blocks with the grouped separable convolution (SC-g).

    Input: (batch, time, frequency, channels): log-mel and its deltas, 44 x 256 for one second
    at 44.1 kHz. Output: (batch, classes) logits; the reference has 13, ten scenes and three
    coarse classes.

    Source: Wang, Wu & Li, DCASE 2023 Task 1 technical report 61. Tag: exact.

    Args:
        pattern: One letter a block: S with the high/low split, F without.
        input_shape: (time, frequency, channels); time may be None.
        classes: Outputs of the classifier.
        include_top: With the classifier; without it the model gives features.
        weights: None for random ones, or a `.weights.h5` or `.keras` file of the same network.
        pooling: Without the top only: None for the last block's output (batch, time, frequency,
            channels); "avg" or "max" for the pools of all but the first block, concatenated.
        classifier_activation: None for logits, or for example "softmax".
        widths: Output channels of the blocks.
        dropout: Rate before the last layer.
        name: Name of the model.

    Raises:
        ValueError: The pattern, widths and input shape do not fit together.
        ModelError: `weights` cannot be read or does not fit.
    """
    return block_network(
        input_shape=input_shape,
        classes=classes,
        include_top=include_top,
        weights=weights,
        pooling=pooling,
        classifier_activation=classifier_activation,
        operator="sc_g",
        pattern=pattern,
        widths=widths,
        distilled_width=None,
        stem_width=16,
        hidden_units=100,
        dropout=dropout,
        name=name,
    )


register("dsmn_s", DSMN, "DSMN with the split in all blocks", features={}, pattern="SSSSS")
register("dsmn_f", DSMN, "DSMN without the split", features={}, pattern="FFFFF")
register("dsmn_sf", DSMN, "DSMN with the split in the first block", features={}, pattern="SFFFF")
register(
    "dsmn_s_wide",
    DSMN,
    "DSMN with the split and wider blocks, over the 128 k limit",
    features={},
    pattern="SSSSS",
    widths=(24, 128, 128, 128, 128),
)
