"""The network around distilled blocks, shared by DSSDN and DSMN."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from dssd_tf.layers import DistilledBlock
from dssd_tf.layers.checks import require_grid
from dssd_tf.models.arguments import (
    GLOBAL_POOLS,
    distilled_filters,
    require_pattern,
    require_pooling,
)
from dssd_tf.models.saving import load_weights


def block_network(
    *,
    input_shape: tuple[int | None, int, int],
    classes: int,
    include_top: bool,
    weights: Path | str | None,
    pooling: str | None,
    classifier_activation: str | None,
    operator: str,
    pattern: str,
    widths: Sequence[int],
    distilled_width: int | str | None,
    stem_width: int,
    hidden_units: int,
    dropout: float,
    name: str,
) -> keras.Model:
    """Stem, distilled blocks, pooled features of all but the first block, classifier.

    conv1x1(C -> `stem_width`, bias), no norm, no activation; one `DistilledBlock` a letter of
    `pattern`; the global average pools of the blocks from the second on, concatenated in order;
    Dense(`hidden_units`), ReLU, Dropout, Dense(`classes`).

    Input: (batch, time, frequency, channels). Output: (batch, classes), logits unless
    `classifier_activation` is given. Without the top, the last block's output (batch, time,
    frequency, channels), or with `pooling` the concatenated pools (batch, features).

    Raises:
        ValueError: `pattern` has other letters than S and F, differs in length from `widths`,
            has fewer than two blocks, or the grid does not fit the blocks; `distilled_width` or
            `pooling` is unknown; `pooling` is given together with the top.
        ModelError: `weights` cannot be read or does not fit.
    """
    require_pattern(pattern)
    if len(pattern) != len(widths) or len(pattern) < 2:
        raise ValueError(
            f"pattern {pattern!r} and widths {tuple(widths)} must have the same length, "
            "at least 2: one letter and one width a block"
        )
    require_pooling(pooling, include_top)
    require_grid(name, (None, *input_shape))
    inputs = keras.Input(input_shape, name="features")
    x = keras.layers.Conv2D(stem_width, 1, name="stem")(inputs)
    outputs = []
    for index, (form, width) in enumerate(zip(pattern, widths, strict=True), start=1):
        x = DistilledBlock(
            width,
            operator=operator,
            split=form == "S",
            distilled_filters=distilled_filters(distilled_width, x.shape[-1]),
            name=f"block{index}",
        )(x)
        outputs.append(x)
    if include_top:
        x = _pooled(outputs[1:], "avg")
        x = keras.layers.Dense(hidden_units, activation="relu", name="hidden")(x)
        x = keras.layers.Dropout(dropout, name="dropout")(x)
        x = keras.layers.Dense(classes, activation=classifier_activation, name="logits")(x)
    elif pooling is not None:
        x = _pooled(outputs[1:], pooling)
    model = keras.Model(inputs, x, name=name)
    if weights is not None:
        load_weights(model, weights)
    return model


def _pooled(outputs: Sequence[Any], pooling: str) -> Any:
    """(batch, features): each block's output pooled over its grid, concatenated in order."""
    pooled = [
        GLOBAL_POOLS[pooling](name=f"pool{index}")(output)
        for index, output in enumerate(outputs, start=2)
    ]
    return keras.layers.Concatenate(name="embedding")(pooled) if len(pooled) > 1 else pooled[0]
