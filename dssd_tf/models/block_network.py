"""The network around distilled blocks, shared by DSSDN and DSMN."""

from collections.abc import Sequence

import keras

from dssd_tf.layers import DistilledBlock


def block_network(
    *,
    input_shape: tuple[int, int, int],
    classes: int,
    operator: str,
    pattern: str,
    widths: Sequence[int],
    distilled_width: int | None,
    stem_width: int,
    hidden_units: int,
    dropout: float,
    classifier_activation: str | None,
    name: str,
) -> keras.Model:
    """Stem, distilled blocks, pooled features of all but the first block, classifier.

    conv1x1(C -> `stem_width`, bias), no norm, no activation; one `DistilledBlock` a letter of
    `pattern`; the global average pools of the blocks from the second on, concatenated in order;
    Dense(`hidden_units`), ReLU, Dropout, Dense(`classes`).

    Input: (batch, time, frequency, channels). Output: (batch, classes), logits unless
    `classifier_activation` is given.

    Raises:
        ValueError: `pattern` has other letters than S and F, differs in length from `widths`,
            has fewer than two blocks, or the grid does not fit the blocks.
    """
    if not pattern or set(pattern) - {"S", "F"}:
        raise ValueError(f"pattern must consist of the letters S and F, got {pattern!r}")
    if len(pattern) != len(widths) or len(pattern) < 2:
        raise ValueError(
            f"pattern {pattern!r} and widths {tuple(widths)} must have the same length, "
            "at least 2: one letter and one width a block"
        )
    inputs = keras.Input(input_shape, name="features")
    x = keras.layers.Conv2D(stem_width, 1, name="stem")(inputs)
    pooled = []
    for index, (form, width) in enumerate(zip(pattern, widths, strict=True), start=1):
        x = DistilledBlock(
            width,
            operator=operator,
            split=form == "S",
            distilled_filters=distilled_width,
            name=f"block{index}",
        )(x)
        if index > 1:
            pooled.append(keras.layers.GlobalAveragePooling2D(name=f"pool{index}")(x))
    x = keras.layers.Concatenate(name="embedding")(pooled) if len(pooled) > 1 else pooled[0]
    x = keras.layers.Dense(hidden_units, activation="relu", name="hidden")(x)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    outputs = keras.layers.Dense(classes, activation=classifier_activation, name="logits")(x)
    return keras.Model(inputs, outputs, name=name)
