"""DSSDN, the deep space separable distillation network, reconstructed."""

from collections.abc import Sequence

import keras

from dssd_tf.models.block_network import block_network
from dssd_tf.models.registry import register

VARIANTS = {"large": "sc"}
"""Operator of each variant; the order of the mapping is a reconstruction."""


def DSSDN(
    variant: str = "large",
    *,
    input_shape: tuple[int, int, int] = (44, 256, 1),
    classes: int = 10,
    pattern: str = "SFFFF",
    widths: Sequence[int] = (24, 32, 64, 64, 64),
    distilled_width: int | None = None,
    dropout: float = 0.3,
    classifier_activation: str | None = None,
    name: str = "dssdn",
) -> keras.Model:
    """The deep space separable distillation network of Ye & Tian (arXiv 2405.03567, 2024).

    Only the abstract of the paper and summaries are at hand: the block is that of the precursor
    DSMN (exact), the operators are rebuilt from the work they name. Tag: reconstructed.

    Input: (batch, time, frequency, channels), log-mel. Output: (batch, classes) logits.

    Args:
        variant: One of `VARIANTS`; it fixes the operator.
        input_shape: (time, frequency, channels).
        classes: Outputs.
        pattern: One letter a block: S with the high/low split, F without.
        widths: Output channels of the blocks.
        distilled_width: Distilled channels d; None means half of each block's input channels.
        dropout: Rate before the last layer.
        classifier_activation: None for logits, or "softmax".
        name: Name of the model.

    Raises:
        ValueError: The variant is unknown, or pattern, widths and input shape do not fit.
    """
    if variant not in VARIANTS:
        raise ValueError(f"unknown DSSDN variant {variant!r}; choose one of {list(VARIANTS)}")
    return block_network(
        input_shape=input_shape,
        classes=classes,
        operator=VARIANTS[variant],
        pattern=pattern,
        widths=widths,
        distilled_width=distilled_width,
        stem_width=16,
        hidden_units=100,
        dropout=dropout,
        classifier_activation=classifier_activation,
        name=name,
    )


register("dssdn_large", DSSDN, "DSSDN with full separable convolutions (SC)", variant="large")
