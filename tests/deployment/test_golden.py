from dataclasses import replace

import numpy as np
import pytest

from dssd_tf.deployment import FrontEnd, golden
from dssd_tf.deployment.golden import golden_vectors, run_litert, synthetic_clip
from dssd_tf.deployment.int8_model import Int8Model
from dssd_tf.deployment.tflm import tflm_version


def test_they_replay(model: Int8Model, front_end: FrontEnd) -> None:
    vectors = golden_vectors(model, front_end, 3, micro=False)
    assert vectors.inputs.shape == (3, 32, 12, 2)
    assert vectors.inputs.dtype == vectors.outputs.dtype == np.int8
    assert len(np.unique(vectors.outputs, axis=0)) == 3
    again = run_litert(model.content, vectors.inputs, reference=True)
    np.testing.assert_array_equal(again, vectors.outputs)
    assert vectors.reference_difference == 0
    assert vectors.tolerance == 1
    fast = run_litert(model.content, vectors.inputs, reference=False).astype(int)
    assert vectors.litert_difference == np.abs(fast - vectors.outputs).max() <= 2


def test_inputs_are_the_features_of_the_clips(model: Int8Model, front_end: FrontEnd) -> None:
    clips = np.stack([synthetic_clip(front_end, number) for number in (7, 8)])
    vectors = golden_vectors(model, front_end, 5, clips, micro=False)
    wanted = model.input.quantize(front_end.features(clips))
    np.testing.assert_array_equal(vectors.inputs, wanted)
    assert vectors.inputs_are == "features of recordings"
    assert len(np.unique(vectors.inputs)) > 20


def test_without_a_front_end_they_are_random(model: Int8Model) -> None:
    vectors = golden_vectors(model, None, 2, micro=False)
    assert vectors.clips is None
    assert vectors.inputs_are == "uniform random numbers"
    assert np.abs(vectors.inputs.mean(dtype=float)) < 10


def test_the_same_number_is_the_same_clip(front_end: FrontEnd) -> None:
    first = synthetic_clip(front_end, 0)
    assert first.dtype == np.int16
    assert 1000 < np.abs(first.astype(int)).max() < 32768
    np.testing.assert_array_equal(first, synthetic_clip(front_end, 0))
    assert (first != synthetic_clip(front_end, 1)).mean() > 0.9


def test_a_difference_is_told_in_steps(
    model: Int8Model, front_end: FrontEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = golden.run_litert

    def shifted(content: bytes, inputs: np.ndarray, *, reference: bool) -> np.ndarray:
        outputs = real(content, inputs, reference=True).astype(int)
        if not reference:
            outputs[0, 0] += 3 if outputs[0, 0] < 100 else -3
        return outputs.astype(np.int8)

    monkeypatch.setattr(golden, "run_litert", shifted)
    vectors = golden_vectors(model, front_end, 2, micro=False)
    assert (vectors.reference_difference, vectors.litert_difference) == (0, 3)
    assert vectors.to_dict()["litert_difference"] == 3
    assert replace(vectors, litert_difference=1).to_dict()["count"] == 2


@pytest.mark.skipif(tflm_version() is None, reason="needs the extra `mcu`")
def test_tensorflow_lite_micro_agrees(model: Int8Model, front_end: FrontEnd) -> None:
    vectors = golden_vectors(model, front_end, 4, micro=True)
    assert vectors.runtime == "TensorFlow Lite Micro"
    assert vectors.reference_difference <= 1
    assert vectors.tolerance == 0
