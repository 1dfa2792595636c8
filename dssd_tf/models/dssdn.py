"""DSSDN, the deep space separable distillation network, reconstructed."""

from collections.abc import Sequence
from pathlib import Path

import keras

from dssd_tf.models.block_network import block_network
from dssd_tf.models.registry import register

VARIANTS = {"large": "sc", "middle": "osc", "small": "spc"}
"""Operator of each variant; the order of the mapping is a reconstruction."""


def DSSDN(
    variant: str = "large",
    *,
    input_shape: tuple[int | None, int, int] = (44, 256, 1),
    classes: int = 10,
    include_top: bool = True,
    weights: Path | str | None = None,
    pooling: str | None = None,
    classifier_activation: str | None = None,
    pattern: str = "SFFFF",
    widths: Sequence[int] = (24, 32, 64, 64, 64),
    distilled_width: int | str | None = None,
    operator: str | None = None,
    stem_width: int = 16,
    hidden_units: int = 100,
    dropout: float = 0.3,
    name: str = "dssdn",
) -> keras.Model:
    """The deep space separable distillation network of Ye & Tian (arXiv 2405.03567, 2024).

    Only the abstract of the paper and summaries are at hand: the block is that of the precursor
    DSMN (exact), the operators are rebuilt from the work they name. Tag: reconstructed.

    Input: (batch, time, frequency, channels), log-mel: 44 x 256 for one second at 44.1 kHz,
    431 x 256 for ten. Output: (batch, classes) logits.

    Args:
        variant: One of `VARIANTS`; it fixes the operator.
        input_shape: (time, frequency, channels); time may be None.
        classes: Outputs of the classifier.
        include_top: With the classifier; without it the model gives features.
        weights: None for random ones, or a `.weights.h5` or `.keras` file of the same network.
        pooling: Without the top only: None for the last block's output (batch, time, frequency,
            channels); "avg" or "max" for the pools of all but the first block, concatenated.
        classifier_activation: None for logits, or for example "softmax".
        pattern: One letter a block: S with the high/low split, F without.
        widths: Output channels of the blocks.
        distilled_width: Distilled channels d of every block; "same" means the block's input
            channels, None half of them.
        operator: An operator instead of the variant's, see `dssd_tf.layers.OPERATORS`.
        stem_width: Channels of the first 1x1 convolution.
        hidden_units: Units of the hidden dense layer.
        dropout: Rate before the last layer.
        name: Name of the model.

    Raises:
        ValueError: The variant is unknown, or pattern, widths and input shape do not fit.
        ModelError: `weights` cannot be read or does not fit.
    """
    if variant not in VARIANTS:
        raise ValueError(f"unknown DSSDN variant {variant!r}; choose one of {', '.join(VARIANTS)}")
    return block_network(
        input_shape=input_shape,
        classes=classes,
        include_top=include_top,
        weights=weights,
        pooling=pooling,
        classifier_activation=classifier_activation,
        operator=VARIANTS[variant] if operator is None else operator,
        pattern=pattern,
        widths=widths,
        distilled_width=distilled_width,
        stem_width=stem_width,
        hidden_units=hidden_units,
        dropout=dropout,
        name=name,
    )


# Log-mel without deltas; the other settings are DSMN's, as the paper's are not at hand.
_FEATURES = {"deltas": False}

register(
    "dssdn_large",
    DSSDN,
    "DSSDN with separable convolutions (SC)",
    features=_FEATURES,
    variant="large",
)
register(
    "dssdn_middle",
    DSSDN,
    "DSSDN with orthonormal ones (OSC)",
    features=_FEATURES,
    variant="middle",
)
register(
    "dssdn_small",
    DSSDN,
    "DSSDN with partial ones (SPC)",
    features=_FEATURES,
    variant="small",
)
register(
    "dssdn_paper_scale",
    DSSDN,
    "DSSDN at the paper's 0.11 M parameters and 0.66 G MACs on ten seconds",
    features=_FEATURES,
    clip_seconds=10.0,
    variant="large",
    input_shape=(431, 256, 1),
    pattern="FFFFF",
    distilled_width="same",
)
