"""DSMN, the precursor whose published networks fix every detail of the block."""

from collections.abc import Sequence

import keras

from dssd_tf.models.block_network import block_network
from dssd_tf.models.registry import register


def DSMN(
    pattern: str = "SSSSS",
    *,
    widths: Sequence[int] = (24, 32, 64, 64, 64),
    input_shape: tuple[int, int, int] = (44, 256, 2),
    classes: int = 13,
    dropout: float = 0.3,
    classifier_activation: str | None = None,
    name: str = "dsmn",
) -> keras.Model:
    """The DSMN networks: distilled blocks with the grouped separable convolution (SC-g).

    Input: (batch, time, frequency, channels): log-mel and its deltas, 44 x 256 for one second
    at 44.1 kHz. Output: (batch, classes) logits; the reference has 13, ten scenes and three
    coarse classes.

    Source: Wang, Wu & Li, DCASE 2023 Task 1 technical report 61. Tag: exact.

    Args:
        pattern: One letter a block: S with the high/low split, F without.
        widths: Output channels of the blocks.
        input_shape: (time, frequency, channels).
        classes: Outputs.
        dropout: Rate before the last layer.
        classifier_activation: None for logits, or "softmax".
        name: Name of the model.

    Raises:
        ValueError: The pattern, widths and input shape do not fit together.
    """
    return block_network(
        input_shape=input_shape,
        classes=classes,
        operator="sc_g",
        pattern=pattern,
        widths=widths,
        distilled_width=None,
        stem_width=16,
        hidden_units=100,
        dropout=dropout,
        classifier_activation=classifier_activation,
        name=name,
    )


register("dsmn_s", DSMN, "DSMN with the split in all blocks", pattern="SSSSS")
register("dsmn_f", DSMN, "DSMN without the split", pattern="FFFFF")
register("dsmn_sf", DSMN, "DSMN with the split in the first block", pattern="SFFFF")
