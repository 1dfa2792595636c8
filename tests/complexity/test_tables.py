import keras
import pytest
from keras import layers

from dssd_tf.complexity import Complexity, measure
from dssd_tf.complexity.tables import by_layer, by_type, markdown


@pytest.fixture(scope="module")
def found() -> Complexity:
    inputs = keras.Input((8, 6, 1))
    x = layers.Conv2D(4, 3, name="first")(inputs)
    x = layers.Conv2D(8, 1, name="second")(x)
    return measure(keras.Model(inputs, layers.GlobalAveragePooling2D(name="mean")(x)))


def test_layers_stand_in_order_with_their_share(found: Complexity) -> None:
    rows = by_layer(found)
    assert [row["name"] for row in rows] == ["first", "second", "mean"]
    assert [row["macs"] for row in rows] == [36 * 24, 32 * 24, 0]
    assert [row["share"] for row in rows] == [52.9, 47.1, 0.0]
    assert rows[0]["output_shape"] == "1x6x4x4" and rows[0]["activation_bytes"] == 4 * 96
    assert rows[0]["macs_torchinfo"] == 40 * 24


def test_types_are_summed_and_the_largest_is_first(found: Complexity) -> None:
    first, second = by_type(found)
    assert first["type"] == "Conv2D" and first["calls"] == 2 and first["share"] == 100.0
    assert first["parameters"] == found.parameters and first["macs"] == found.macs
    assert second == {
        "type": "GlobalAveragePooling2D",
        "calls": 1,
        "parameters": 0,
        "macs": 0,
        "share": 0.0,
        "macs_torchinfo": 0,
    }


def test_markdown_aligns_numbers_and_separates_thousands() -> None:
    rows = [{"name": "a", "n": 12345, "share": 1.25}, {"name": "b", "n": None, "share": 0.0}]
    assert markdown(rows).splitlines() == [
        "| name | n | share |",
        "|---|---:|---:|",
        "| a | 12,345 | 1.2 |",
        "| b |  | 0.0 |",
    ]
    assert markdown([]) == ""
