from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dssd_tf.challenge.inference_package.runtime import litert_model
from dssd_tf.challenge.inference_package.runtime.errors import InferenceError
from dssd_tf.challenge.inference_package.runtime.litert_model import LiteRTModel
from dssd_tf.evaluation.predictor import TFLitePredictor


@pytest.mark.parametrize("form", ["int8", "float"])
def test_logits_are_those_of_the_file_without_the_coarse_ones(
    make_model: Callable[..., bytes], tmp_path: Path, form: str
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(make_model(form=form))
    clips = np.random.default_rng(1).normal(size=(5, 32, 12, 2)).astype(np.float32)
    found, wanted = LiteRTModel(path, 3)(clips), TFLitePredictor(path.read_bytes())(clips)
    assert found.shape == (5, 3)
    np.testing.assert_array_equal(found, wanted[:, :3])


def test_what_cannot_run_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(b"nothing")
    with pytest.raises(InferenceError, match=r"model\.tflite: is refused by LiteRT"):
        LiteRTModel(path, 3)
    monkeypatch.setattr(litert_model, "has_litert", lambda: False)
    with pytest.raises(InferenceError, match="pip install ai-edge-litert"):
        LiteRTModel(path, 3)
