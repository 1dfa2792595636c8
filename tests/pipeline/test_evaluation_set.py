import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dssd_tf.errors import DataError, RunError
from dssd_tf.evaluation.predictor import TFLitePredictor
from dssd_tf.files import write_json
from dssd_tf.pipeline import RunFolder, evaluation_set
from dssd_tf.pipeline.evaluation_set import predict_evaluation_set, read_origin


@pytest.fixture
def clips(synthetic_set: Path, tmp_path: Path) -> Path:
    """The evaluation set's ten clips, a list with devices beside them."""
    folder = Path(shutil.copytree(synthetic_set / "evaluation", tmp_path / "evaluation"))
    names = sorted(path.name for path in (folder / "audio").iterdir())
    rows = [f"audio/{name}\t{'a' if i % 2 else 'unknown'}" for i, name in enumerate(names)]
    (folder / "evaluation_setup").mkdir(exist_ok=True)
    listed = folder / "evaluation_setup" / "fold1_test.csv"
    listed.write_text("\n".join(["filename\tdevice_id", *rows]) + "\n")
    return folder


@pytest.fixture
def count_calls(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many clips LiteRT classified."""
    seen = []
    inner = TFLitePredictor.__call__

    def count(self: TFLitePredictor, features: Any) -> Any:
        seen.append(len(features))
        return inner(self, features)

    monkeypatch.setattr(TFLitePredictor, "__call__", count)
    return lambda: sum(seen)


def test_rows_are_those_of_the_deployed_model(run: RunFolder, clips: Path) -> None:
    before = pd.read_csv(run.evaluation_predictions)
    said = predict_evaluation_set(run, clips)
    assert said == f"10 clips of {clips}, int8 model"
    table = pd.read_csv(run.evaluation_predictions, keep_default_na=False)
    assert set(table["system"]) == {"int8"}
    assert sorted(set(table["device"])) == ["a", "unknown"]
    classes = list(run.recipe().data.classes or ())
    both = before.merge(table, on="filename", suffixes=("", "_again"))
    assert len(both) == 10
    for name in classes:
        assert np.abs(both[name] - both[f"{name}_again"]).max() < 1e-9
    assert not run.evaluation_parts.exists()


def test_a_finished_one_does_nothing(
    run: RunFolder, clips: Path, count_calls: Callable[[], int]
) -> None:
    predict_evaluation_set(run, clips)
    first = count_calls()
    assert first == 10
    assert predict_evaluation_set(run, clips).endswith("there already")
    assert count_calls() == first


def test_a_stopped_one_goes_on_with_the_next_part(
    run: RunFolder,
    clips: Path,
    count_calls: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    predict_evaluation_set(run, clips)
    whole = run.evaluation_predictions.read_bytes()
    run.evaluation_set.unlink()
    monkeypatch.setattr(evaluation_set, "PART", 4)
    inner, started = evaluation_set.predict_positions, []

    def stop(*arguments: Any) -> Any:
        started.append(1)
        if len(started) == 3:
            raise KeyboardInterrupt
        return inner(*arguments)

    monkeypatch.setattr(evaluation_set, "predict_positions", stop)
    with pytest.raises(KeyboardInterrupt):
        predict_evaluation_set(run, clips)
    assert len(list(run.evaluation_parts.rglob("*.npy"))) == 2
    before = count_calls()
    predict_evaluation_set(run, clips)
    assert count_calls() - before == 2
    assert run.evaluation_predictions.read_bytes() == whole
    assert not run.evaluation_parts.exists()


def test_another_model_or_list_starts_again(
    run: RunFolder, clips: Path, count_calls: Callable[[], int]
) -> None:
    predict_evaluation_set(run, clips)
    origin = read_origin(run)
    listed = clips / "evaluation_setup" / "fold1_test.csv"
    listed.write_text("\n".join(listed.read_text().splitlines()[:6]) + "\n")
    predict_evaluation_set(run, clips)
    assert count_calls() == 15
    assert len(pd.read_csv(run.evaluation_predictions)) == 5
    assert origin != read_origin(run)
    run.int8_model.unlink()
    with pytest.raises(RunError, match="dssd quantize"):
        predict_evaluation_set(run, clips)
    write_json(run.quantization, {"method": "none"})
    said = predict_evaluation_set(run, clips)
    assert said.endswith("float model")
    assert set(pd.read_csv(run.evaluation_predictions)["system"]) == {"float"}


def test_what_is_missing_is_named(run: RunFolder, tmp_path: Path, clips: Path) -> None:
    with pytest.raises(DataError, match="nowhere: no such evaluation set"):
        predict_evaluation_set(run, tmp_path / "nowhere")
    run.float_model.unlink()
    with pytest.raises(RunError, match="dssd train"):
        predict_evaluation_set(run, clips)
