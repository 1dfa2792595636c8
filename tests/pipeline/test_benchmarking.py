import json
from pathlib import Path

import pytest

from dssd_tf.complexity import measure
from dssd_tf.deployment import tflm
from dssd_tf.errors import DssdError, ModelError, RunError
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.benchmarking import benchmark, tflite_of


def test_the_file_of_a_target(finished_run: Path, tmp_path: Path) -> None:
    run = RunFolder(finished_run)
    assert tflite_of(run.int8_model) == run.int8_model
    assert tflite_of(finished_run) == run.int8_model
    (tmp_path / "preset.json").write_text("{}")
    with pytest.raises(ModelError, match="the preset has no int8 model"):
        tflite_of(tmp_path)
    (tmp_path / "model_int8.tflite").write_bytes(b"")
    assert tflite_of(tmp_path) == tmp_path / "model_int8.tflite"


def test_a_target_without_a_tflite_file_is_named(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"no \.tflite file \(suffix '\.keras'\) — .*dssd quantize"
    ):
        tflite_of(run.float_model)
    run.int8_model.unlink()
    with pytest.raises(RunError, match="dssd quantize"):
        tflite_of(run.path)
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(RunError, match=r"is neither a \.tflite file nor a run"):
            tflite_of(path)


def test_everything_is_measured(finished_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tflm, "tflm_version", lambda: None)
    path = finished_run / "model_int8.tflite"
    result = benchmark(path, runs=11)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    counted = measure(path)
    for name in ("parameters", "macs", "peak_activation_bytes"):
        assert result[name] == getattr(counted, name)
    alive = sum(tensor["bytes"] for tensor in result["peak_tensors"])
    assert alive == result["peak_activation_bytes"]
    assert result["file_bytes"] == path.stat().st_size
    assert result["threads"] == 1
    for kernels in ("xnnpack", "builtin"):
        latency = result["latency_seconds"][kernels]
        assert latency["runs"] == 11
        assert 0 < latency["minimum"] <= latency["median"]
    assert result["xnnpack"]["partitions"] >= 1
    assert result["xnnpack"]["operators"] == len(counted.layers)
    assert result["arena"] is None
    assert "dssd_tf[mcu]" in result["arena_missing"]


def test_the_arena_is_that_of_tensorflow_lite_micro(
    finished_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = finished_run / "model_int8.tflite"
    arena = tflm.Arena(size=48, activations=32, persistent=16, version="1")
    monkeypatch.setattr(tflm, "tflm_version", lambda: "1")
    monkeypatch.setattr(
        tflm, "measure_arena", lambda content: arena if content == path.read_bytes() else None
    )
    assert benchmark(path, runs=1)["arena"] == arena.to_dict()

    def refuse(content: bytes) -> None:
        raise ModelError("it has no operator CUMSUM")

    monkeypatch.setattr(tflm, "measure_arena", refuse)
    result = benchmark(path, runs=1)
    assert result["arena"] is None
    assert result["arena_missing"] == "it has no operator CUMSUM"


@pytest.mark.skipif(tflm.tflm_version() is None, reason="needs tflite-micro")
def test_the_real_arena_holds_the_peak(finished_run: Path) -> None:
    result = benchmark(finished_run / "model_int8.tflite", runs=1)
    assert result["arena"]["size"] >= result["peak_activation_bytes"]


@pytest.mark.parametrize("content", [b"", b"no model", "half"])
def test_a_damaged_file_is_one_line(
    finished_run: Path, tmp_path: Path, content: bytes | str
) -> None:
    whole = (finished_run / "model_int8.tflite").read_bytes()
    path = tmp_path / "bad.tflite"
    path.write_bytes(content if isinstance(content, bytes) else whole[: len(whole) // 2])
    with pytest.raises(DssdError) as refused:
        benchmark(path, runs=1)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)
