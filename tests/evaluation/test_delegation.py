from collections.abc import Callable
from pathlib import Path

import keras
import pytest
import tensorflow as tf

from dssd_tf.errors import ModelError
from dssd_tf.evaluation.delegation import xnnpack_delegation


@pytest.fixture
def convert(tmp_path: Path) -> Callable[[int], bytes]:
    """A float .tflite of convolutions with a number of cumulative sums between them."""

    def make(cuts: int) -> bytes:
        inputs = x = keras.Input((6, 8, 2))
        x = keras.layers.Conv2D(2, 1, activation="relu")(x)
        for _ in range(cuts):
            x = keras.ops.cumsum(x, axis=2)
            x = keras.layers.Conv2D(2, 1, activation="relu")(x)
        keras.Model(inputs, x).export(
            tmp_path / "saved",
            verbose=False,
            input_signature=[keras.InputSpec(shape=(1, 6, 8, 2), dtype="float32")],
        )
        return tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved")).convert()

    return make


@pytest.mark.slow
@pytest.mark.parametrize("cuts", [0, 1, 3])
def test_each_operator_outside_cuts_the_graph(convert: Callable[[int], bytes], cuts: int) -> None:
    found = xnnpack_delegation(convert(cuts))
    assert found.partitions == cuts + 1
    assert found.operators == 2 * cuts + 1
    assert found.outside == ({"CUMSUM": cuts} if cuts else {})


@pytest.mark.parametrize("kind", ["float", "int8"])
def test_a_small_network_is_one_piece(model_files: dict[str, Path], kind: str) -> None:
    found = xnnpack_delegation(model_files[kind].read_bytes())
    assert found.partitions == 1
    assert found.operators > 2
    assert found.outside == {}


def test_without_xnnpack_every_operator_is_outside(
    convert: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dssd_tf.evaluation import delegation

    opened = delegation.open_interpreter
    monkeypatch.setattr(
        delegation, "open_interpreter", lambda *a, **o: opened(*a, **o, xnnpack=False)
    )
    found = xnnpack_delegation(convert(1))
    assert found.partitions == 0
    assert found.outside == {"CONV_2D": 2, "CUMSUM": 1}


def test_what_is_no_model_is_named() -> None:
    with pytest.raises(ModelError, match=r"^x\.tflite: is not a readable"):
        xnnpack_delegation(b"nothing", name="x.tflite")
