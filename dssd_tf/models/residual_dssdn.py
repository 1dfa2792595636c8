"""DSSDN with a strided stem and residual blocks: this package's own variant."""

from collections.abc import Sequence
from pathlib import Path

import keras

from dssd_tf.layers import ResidualDistilledBlock
from dssd_tf.layers.checks import require_grid
from dssd_tf.models.arguments import (
    GLOBAL_POOLS,
    distilled_filters,
    require_pattern,
    require_pooling,
)
from dssd_tf.models.conv_block import conv_bn_relu
from dssd_tf.models.pooled_head import pooled_head
from dssd_tf.models.registry import register
from dssd_tf.models.saving import load_weights


def ResidualDSSDN(
    pattern: str = "FFF",
    *,
    input_shape: tuple[int | None, int, int] = (44, 64, 2),
    classes: int = 10,
    include_top: bool = True,
    weights: Path | str | None = None,
    pooling: str | None = None,
    classifier_activation: str | None = None,
    operator: str = "sc",
    widths: Sequence[int] = (64, 96, 96),
    pools: Sequence[tuple[int, int]] = ((1, 2), (1, 2), (1, 1)),
    dilation_rate: int = 1,
    distilled_width: int | str | None = None,
    dropout: float = 0.0,
    stem: Sequence[tuple[int, int, int]] = ((32, 5, 2), (48, 3, 2)),
    name: str = "residual_dssdn",
) -> keras.Model:
    """A DSSDN whose stem are strided convolutions and whose blocks are residual.

    Convolutions with batch normalization and ReLU, as many as `stem` lists; one
    `ResidualDistilledBlock` a letter of `pattern`; 1x1 convolution to the classes, batch
    normalization, global average pooling. The three operators, the distillation inside the
    blocks and the high/low split are those of DSSDN; stem, residual connections and head are
    those of receptive-field-limited networks (Koutini et al., EUSIPCO 2019).

    Input: (batch, time, frequency, channels), log-mel and its centred bands: 44 x 64 for one
    second. Output: (batch, classes) logits.

    Source: ours; ``recipes/esc10`` compares it with the others. It is not the network of
    arXiv 2405.03567.

    Args:
        pattern: One letter a block: S with the high/low split, F without.
        input_shape: (time, frequency, channels); time may be None.
        classes: Outputs of the classifier.
        include_top: With the classifier; without it the model gives features.
        weights: None for random ones, or a `.weights.h5` or `.keras` file of the same network.
        pooling: Without the top only: None for the last block's output (batch, time, frequency,
            channels); "avg" or "max" for its global pool, (batch, channels).
        classifier_activation: None for logits, or for example "softmax".
        operator: Name of the blocks' operator, see `dssd_tf.layers.OPERATORS`.
        widths: Output channels of the blocks.
        pools: (time, frequency) of the average pool behind each block; S halves the
            frequencies beside it.
        dilation_rate: Distance of the operators' taps.
        distilled_width: Distilled channels of every block; "same" means the block's input
            channels, None half of them.
        dropout: Rate in front of the classifier's convolution; 0 means no such layer.
        stem: Channels, kernel size and stride of each convolution of the stem; kernel and
            stride are the same in time and frequency.
        name: Name of the model.

    Raises:
        ValueError: Pattern, widths, pools and input shape do not fit together, the stem is
            empty, `distilled_width` or `pooling` is unknown, or the latter is given together
            with the top.
        ModelError: `weights` cannot be read or does not fit.
    """
    require_pattern(pattern)
    if not len(pattern) == len(widths) == len(pools):
        raise ValueError(
            f"pattern {pattern!r}, widths {tuple(widths)} and pools {tuple(pools)} must have the "
            "same length: one letter, one width and one pool a block"
        )
    require_pooling(pooling, include_top)
    if not stem:
        raise ValueError("stem must list one convolution or more")
    require_grid(name, (None, *input_shape))
    inputs = keras.Input(input_shape, name="features")
    x = inputs
    for index, (width, kernel, strides) in enumerate(stem, start=1):
        x = conv_bn_relu(x, width, kernel, strides=strides, name=f"stem{index}")
    blocks = zip(pattern, widths, pools, strict=True)
    for index, (form, width, pool) in enumerate(blocks, start=1):
        x = ResidualDistilledBlock(
            width,
            operator=operator,
            split=form == "S",
            distilled_filters=distilled_filters(distilled_width, x.shape[-1]),
            pool_size=(pool[0], pool[1]),
            dilation_rate=dilation_rate,
            name=f"block{index}",
        )(x)
    if include_top:
        x = keras.layers.Dropout(dropout, name="dropout")(x) if dropout else x
        x = pooled_head(x, classes, classifier_activation)
    elif pooling is not None:
        x = GLOBAL_POOLS[pooling](name="embedding")(x)
    model = keras.Model(inputs, x, name=name)
    if weights is not None:
        load_weights(model, weights)
    return model


# Log-mel and centred bands, the front end of recipes/esc10/protocol.yaml.
_FEATURES = {"n_mels": 64, "deltas": False, "band_centred": True}

register(
    "residual_dssdn_f",
    ResidualDSSDN,
    "DSSDN with a strided stem and residual blocks, without the split; ours",
    features=_FEATURES,
)
register(
    "residual_dssdn_sf",
    ResidualDSSDN,
    "DSSDN with a strided stem and residual blocks, the split in the first; ours",
    features=_FEATURES,
    pattern="SFF",
    pools=((1, 1), (1, 2), (1, 1)),
)
register(
    "residual_dssdn_small",
    ResidualDSSDN,
    "DSSDN with a strided stem and residual blocks, half the parameters; ours",
    features=_FEATURES,
    pattern="FFFF",
    widths=(32, 32, 64, 96),
    pools=((2, 2), (1, 2), (1, 2), (1, 1)),
    dilation_rate=2,
    stem=((32, 5, 2),),
)
