from collections.abc import Callable

import pandas as pd
import pytest

from dssd_tf.errors import RunError
from dssd_tf.files import read_json
from dssd_tf.models import load_model
from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.pipeline.stages import evaluate
from dssd_tf.quantization.float16 import quantize_float16


@pytest.mark.slow
def test_evaluating_again_gives_the_same_files(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    files = (run.predictions, run.evaluation_predictions, run.metrics, run.parity)
    before = [file.read_text() for file in files]
    for file in files:
        file.unlink()
    remarks = evaluate.evaluate_models(run, changed_workspace())
    assert [file.read_text() for file in files] == before
    metrics = read_json(run.metrics)
    accuracy = metrics["systems"]["float"]["macro_accuracy"]
    assert remarks[0].startswith(f"float: macro accuracy {accuracy:.3f}")
    assert set(metrics["systems"]["int8"]["device_groups"]) >= {"seen", "unseen"}
    assert "s6" not in metrics["trained_devices"]
    table = pd.read_csv(run.predictions)
    table = table[table["system"] == "float"]
    by_class = (table["predicted"] == table["scene_label"]).groupby(table["scene_label"]).mean()
    assert accuracy == pytest.approx(by_class.mean())


def test_a_missing_int8_model_names_the_command(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    run.int8_model.unlink()
    with pytest.raises(RunError, match="dssd quantize"):
        evaluate.evaluate_models(run, changed_workspace())


def test_a_float_run_has_one_system_and_no_agreement(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    recipe = run.recipe_file.read_text()
    assert "method: ptq" in recipe
    run.recipe_file.write_text(recipe.replace("method: ptq", "method: none"))
    run.int8_model.unlink()
    run.quantization.unlink()  # as it was before the first quantizing
    evaluate.evaluate_models(run, changed_workspace(quantization={"method": "none"}))
    metrics = read_json(run.metrics)
    assert list(metrics["systems"]) == ["float"]
    assert "agreement" not in metrics
    assert not run.parity.exists()


@pytest.mark.slow
def test_a_float16_model_is_a_system(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    recipe = run.recipe_file.read_text()
    run.recipe_file.write_text(recipe.replace("method: ptq", "method: float16"))
    workspace = changed_workspace(quantization={"method": "float16"})
    run.int8_model.unlink()
    run.quantization.unlink()  # as it was before the first quantizing
    with pytest.raises(RunError, match=r"model_float16\.tflite.*dssd quantize"):
        evaluate.evaluate_models(run, workspace)
    run.float16_model.write_bytes(quantize_float16(load_model(run.float_model)))
    evaluate.evaluate_models(run, workspace)
    metrics, parity = read_json(run.metrics), read_json(run.parity)
    assert list(metrics["systems"]) == list(parity["systems"]) == ["float", "float16"]
    assert metrics["agreement"]["argmax"] > 0.9 and metrics["agreement"]["max_abs_logit"] < 0.1
    assert parity["layers"] is None


def test_a_model_of_other_features_is_refused(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    workspace = changed_workspace(features={"n_mels": 16})
    with pytest.raises(RunError, match=r"takes \(11, 32, 2\), the features are \(11, 16, 2\)"):
        evaluate.evaluate_models(run, workspace)
