"""TensorFlow Lite Micro itself: only where the extra `mcu` is installed."""

import numpy as np
import pytest

from dssd_tf.deployment import tflm
from dssd_tf.deployment.golden import run_litert
from dssd_tf.deployment.int8_model import Int8Model
from dssd_tf.errors import ModelError

needs_tflm = pytest.mark.skipif(tflm.tflm_version() is None, reason="needs the extra `mcu`")


def _inputs(model: Int8Model, count: int) -> np.ndarray:
    random = np.random.default_rng(2)
    return random.integers(-128, 128, (count, *model.input.shape[1:]), np.int8)


@needs_tflm
def test_the_arena_is_exact(model: Int8Model, capfd: pytest.CaptureFixture[str]) -> None:
    arena = tflm.measure_arena(model.content)
    assert arena.size % tflm.ALIGNMENT == 0
    assert arena.size >= arena.activations + arena.persistent
    assert tflm._runs(model.content, arena.size)
    assert not tflm._runs(model.content, arena.size - tflm.ALIGNMENT)
    assert arena.version == tflm.tflm_version()
    assert arena.to_dict()["size"] == arena.size
    assert capfd.readouterr().err == ""


@needs_tflm
def test_its_outputs_are_those_of_the_reference_kernels(model: Int8Model) -> None:
    inputs = _inputs(model, 5)
    outputs = tflm.run_tflm(model.content, inputs)
    assert outputs.dtype == np.int8
    assert len(np.unique(outputs, axis=0)) == 5
    reference = run_litert(model.content, inputs, reference=True)
    np.testing.assert_allclose(outputs, reference, atol=1, rtol=0)


@needs_tflm
def test_its_complaint_is_told(model: Int8Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tflm, "_roomy", lambda content: 512)
    for call in (tflm.measure_arena, lambda content: tflm.run_tflm(content, _inputs(model, 1))):
        with pytest.raises(ModelError, match=r"TensorFlow Lite Micro refuses the model: .*alloc"):
            call(model.content)


def test_where_preparing_needs_more_than_it_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    for needed in (4096, 4112, 5008, 2**20):
        monkeypatch.setattr(tflm, "_runs", lambda content, size, needed=needed: size >= needed)
        assert tflm._least_arena(b"", 4096) == needed


def test_an_absent_package_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise tflm.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(tflm.metadata, "version", absent)
    assert tflm.tflm_version() is None
