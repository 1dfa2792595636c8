from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import layers

from dssd_tf.complexity import measure
from dssd_tf.complexity.keras_folding import folding_change
from dssd_tf.complexity.keras_trace import trace


def _change(build: Callable[[Any], Any]) -> int:
    inputs = keras.Input((6, 5, 4))
    return folding_change(trace(keras.Model(inputs, build(inputs))))


def test_the_2024_baseline_folded_has_the_published_figure(
    baseline_2024: Callable[..., keras.Model],
) -> None:
    found = measure(baseline_2024())
    assert (found.macs_torchinfo, found.macs_torchinfo_folded) == (29_419_156, 30_216_768)
    folded = measure(baseline_2024(folded=True))
    assert folded.macs_torchinfo == folded.macs_torchinfo_folded == 30_216_768


@pytest.mark.parametrize(
    ("layer", "gain"),
    [
        (layers.Conv2D(3, 3, use_bias=False), 4 * 3 * 3 - 6),
        (layers.Conv2D(3, 3), -6),
        (layers.Conv2D(4, 3, strides=2, padding="same", groups=2, use_bias=False), 3 * 3 * 4 - 8),
        (layers.DepthwiseConv2D(3, padding="same", use_bias=False), 6 * 5 * 4 - 8),
        (layers.Dense(7, use_bias=False), 7 - 14),
        (layers.ReLU(), 0),
    ],
)
def test_a_normalization_becomes_the_bias_of_what_it_alone_reads(
    layer: layers.Layer, gain: int
) -> None:
    assert _change(lambda x: layers.BatchNormalization()(layer(x))) == gain


def test_without_scale_or_centre_there_is_less_to_save() -> None:
    norm = layers.BatchNormalization(scale=False)
    assert _change(lambda x: norm(layers.Conv2D(3, 3, use_bias=False)(x))) == 4 * 3 * 3 - 3


def test_what_others_read_too_is_not_folded() -> None:
    def shared(x: Any) -> Any:
        y = layers.Conv2D(4, 1, use_bias=False)(x)
        return layers.Add()([layers.BatchNormalization()(y), y])

    def operation(x: Any) -> Any:
        y = layers.Conv2D(4, 1, use_bias=False)(x)
        return layers.BatchNormalization()(y) + y

    def output(x: Any) -> Any:
        y = layers.Conv2D(4, 1, use_bias=False)(x)
        return [layers.BatchNormalization()(y), y]

    def behind_a_sum(x: Any) -> Any:
        y = layers.Conv2D(4, 1, use_bias=False)(x)
        return layers.BatchNormalization()(layers.Add()([x, y]))

    assert [_change(build) for build in (shared, operation, output, behind_a_sum)] == [0] * 4


def test_a_nested_models_normalization_counts() -> None:
    inner = keras.Sequential(
        [keras.Input((6, 5, 4)), layers.Conv2D(3, 3, use_bias=False), layers.BatchNormalization()]
    )
    assert _change(inner) == 4 * 3 * 3 - 6
