from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.errors import ModelError
from dssd_tf.evaluation import latency
from dssd_tf.evaluation.latency import WARM_UP, Latency, measure_latency


class Recorder:
    """An interpreter that counts its runs and takes a scripted time."""

    def __init__(self, seconds: float, clock: list[float]):
        self.seconds, self.clock, self.runs = seconds, clock, 0
        self.given: list[np.ndarray] = []

    def get_input_details(self) -> list[dict[str, Any]]:
        return [{"dtype": np.int8, "shape": np.array([1, 40, 50]), "index": 0}]

    def set_tensor(self, index: int, values: np.ndarray) -> None:
        self.given.append(values)

    def invoke(self) -> None:
        self.runs += 1
        self.clock[0] += self.seconds


@pytest.fixture
def recorders(monkeypatch: pytest.MonkeyPatch) -> dict[bool, Recorder]:
    """Interpreters with and without XNNPACK on a clock of their own."""
    clock = [0.0]
    made = {True: Recorder(0.25, clock), False: Recorder(1.0, clock)}
    monkeypatch.setattr(latency, "open_interpreter", lambda *a, xnnpack, **o: made[xnnpack])
    monkeypatch.setattr(latency.time, "perf_counter", lambda: clock[0])
    return made


@pytest.mark.parametrize("runs", [1, 7, 25])
def test_every_counted_run_is_timed(recorders: dict[bool, Recorder], runs: int) -> None:
    found = measure_latency(b"", runs=runs)
    assert found[True] == Latency(0.25, 0.25, 0.25, 0.25, runs)
    assert found[False] == Latency(1.0, 1.0, 1.0, 1.0, runs)
    assert all(recorder.runs >= WARM_UP + runs for recorder in recorders.values())
    (one,), (other,) = (recorder.given for recorder in recorders.values())
    np.testing.assert_array_equal(one, other)
    assert {int(one.min()), int(one.max())} == {-128, 127}


def test_the_figures_are_those_of_the_runs() -> None:
    found = Latency.of(np.array([5.0, 1.0, 2.0, 4.0, 3.0]))
    assert found == Latency(median=3.0, lower_quartile=2.0, upper_quartile=4.0, minimum=1.0, runs=5)


@pytest.mark.parametrize("kind", ["float", "int8"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_real_model(model_files: dict[str, Path], kind: str, threads: int) -> None:
    found = measure_latency(model_files[kind].read_bytes(), runs=12, threads=threads)
    for taken in found.values():
        assert taken.runs == 12
        assert 0 < taken.minimum <= taken.lower_quartile <= taken.median <= taken.upper_quartile


def test_what_is_no_model_is_named() -> None:
    with pytest.raises(ModelError, match=r"^x\.tflite: is not a readable"):
        measure_latency(b"nothing", name="x.tflite")


def test_an_input_that_no_noise_fits_is_named(tmp_path: Path) -> None:
    inputs = keras.Input((4,), dtype="int32")
    model = keras.Model(inputs, keras.layers.Embedding(3, 2)(inputs))
    signature = [keras.InputSpec(shape=(1, 4), dtype="int32")]
    model.export(tmp_path / "saved", verbose=False, input_signature=signature)
    content = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved")).convert()
    with pytest.raises(ModelError, match=r"m\.tflite: takes input of type int32"):
        measure_latency(content, name="m.tflite")
