from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.challenge.inference_package.runtime.errors import InferenceError
from dssd_tf.challenge.inference_package.runtime.tflite_counting import count_tflite


def test_a_convolution_and_a_dense_layer_by_hand(
    make_model: Callable[..., bytes], tmp_path: Path
) -> None:
    """32 x 12 x 2 to 30 x 10 x 2 by 3 x 3 weights, then 2 to 5; both with a bias."""
    path = tmp_path / "model.tflite"
    path.write_bytes(make_model(kind="unknown"))
    count = count_tflite(path, "RESIZE")
    assert count.macs == (2 * 2 * 3 * 3 + 2) * 30 * 10 + (2 * 5 + 5)
    assert count.size_bytes == (36 + 4 * 2) + (10 + 4 * 5)
    assert count.uncounted == ("RESIZE",)


def test_what_is_no_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    with pytest.raises(InferenceError, match="cannot be read"):
        count_tflite(path, "")
    path.write_bytes(b"nothing at all")
    with pytest.raises(InferenceError, match=r"is no \.tflite model"):
        count_tflite(path, "")
