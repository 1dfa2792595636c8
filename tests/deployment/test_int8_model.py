from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from dssd_tf.deployment.int8_model import Int8Model, QuantizedTensor, read_int8_model
from dssd_tf.errors import ModelError


def test_what_a_model_holds(model: Int8Model, model_file: Path) -> None:
    assert model.content == model_file.read_bytes()
    assert model.input.shape == (1, 32, 12, 2)
    assert model.output.shape == (1, 3)
    assert model.input.scale > 0
    assert -128 <= model.input.zero_point <= 127
    assert {"ADD", "CONV_2D", "FULLY_CONNECTED"} <= set(model.operators)
    assert list(model.operators) == sorted(set(model.operators))
    assert model.nodes >= len(model.operators)
    # The input and the first two maps of four channels, at least.
    assert model.activation_bytes > 32 * 12 * 2 + 2 * 15 * 5 * 4


def test_values_are_rounded_and_clipped() -> None:
    tensor = QuantizedTensor((1, 3), 0.5, -3)
    values = np.array([0.0, 1.0, -0.74, 1000.0, -1000.0], np.float32)
    assert tensor.quantize(values).tolist() == [-3, -1, -4, 127, -128]
    assert tensor.quantize(values).dtype == np.int8


def test_a_float_tensor_is_named(float_file: Path) -> None:
    with pytest.raises(ModelError) as caught:
        read_int8_model(float_file)
    assert str(caught.value).startswith(f"{float_file}: tensor '")
    assert "is float32" in str(caught.value)
    assert "dssd quantize" in str(caught.value)


def test_float_edges_are_refused(
    convert: Callable[..., Path], small_keras: keras.Model, tmp_path: Path
) -> None:
    path = convert(small_keras, tmp_path / "edges.tflite", edges="float32")
    with pytest.raises(ModelError, match="is float32"):
        read_int8_model(path)


def test_other_integers_are_refused(
    convert: Callable[..., Path], small_keras: keras.Model, tmp_path: Path
) -> None:
    path = convert(small_keras, tmp_path / "edges.tflite", edges="uint8")
    with pytest.raises(ModelError, match=r"its input is uint8 of shape \(1, 32, 12, 2\)"):
        read_int8_model(path)


def test_two_inputs_are_refused(
    convert: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    details = {"shape": np.array([1, 4]), "dtype": np.int8, "quantization": (0.1, 0)}
    from dssd_tf.deployment import int8_model

    with pytest.raises(ModelError, match="has 2 inputs"):
        int8_model._edge([details, details], "input", tmp_path / "two.tflite")
    wide = {**details, "shape": np.array([2, 4])}
    with pytest.raises(ModelError, match=r"shape \(2, 4\), not int8 of batch 1"):
        int8_model._edge([wide], "input", tmp_path / "two.tflite")


@pytest.mark.parametrize("content", [b"", b"no model at all", b"\x1c\0\0\0TFL3" + b"\xff" * 40])
def test_what_is_no_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"bad\.tflite: is "):
        read_int8_model(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.tflite: cannot be read"):
        read_int8_model(tmp_path / "none.tflite")
