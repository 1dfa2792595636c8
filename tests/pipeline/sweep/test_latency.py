from pathlib import Path

import pandas as pd
import pytest

from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.sweep import Point
from dssd_tf.pipeline.sweep.latency import add_latencies


def test_the_quantized_model_is_timed_and_the_float_one_left_open(
    run: RunFolder, tmp_path: Path
) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "fold1_seed0").symlink_to(run.path)
    summary = pd.DataFrame({"configuration": ["base"] * 2, "system": ["float", "int8"]})
    found = add_latencies(summary, [Point("base", {}, 1, 0)], tmp_path, runs=10)
    assert found["latency_ms"].isna().tolist() == [True, False]
    assert 0 < found["latency_ms"].iloc[1] < 10_000
    assert "latency_ms" not in summary


def test_a_file_that_cannot_be_run_and_a_missing_one_are_left_open(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run.int8_model.write_bytes(b"no model")
    summary = pd.DataFrame({"configuration": ["base"], "system": ["int8"]})
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "fold1_seed0").symlink_to(run.path)
    (tmp_path / "base" / "fold1_seed1").mkdir()
    points = [Point("base", {}, 1, seed) for seed in (1, 0)]
    assert add_latencies(summary, points, tmp_path)["latency_ms"].isna().all()
    assert "model_int8.tflite" in capsys.readouterr().err
    assert add_latencies(summary, points[:1], tmp_path)["latency_ms"].isna().all()
