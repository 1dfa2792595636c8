from collections.abc import Callable

import keras
import pytest

from dssd_tf.files import read_json
from dssd_tf.models import load_model
from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.pipeline.stages import complexity


def test_the_counts_are_those_of_the_model(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    remarks = complexity.measure_models(run, changed_workspace())
    result = read_json(run.complexity)
    model: keras.Model = load_model(run.float_model)
    trainable = sum(int(weight.shape.num_elements()) for weight in model.trainable_weights)
    assert result["float"]["parameters"] == trainable
    assert result["passed"] is True
    int8 = result["int8"]["parameters"]
    assert remarks[:2] == [
        f"float model {trainable:,} parameters",
        f"size {int8:,} within 128,000 parameters (int8 model, nessi_tflite)",
    ]
    assert remarks[-1] == "weights all int8 (constants by dtype)"


def test_without_an_edition_nothing_is_judged(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    complexity.measure_models(run, changed_workspace(challenge={"edition": None}))
    result = read_json(run.complexity)
    assert (result["edition"], result["checks"], result["passed"]) == (None, [], None)


def test_a_measure_over_its_limit_fails_the_whole(run: RunFolder) -> None:
    counts = read_json(run.complexity)
    assert complexity.judge(counts, 2022)["passed"] is True
    counts["int8"]["parameters"] = 128_001
    verdict = complexity.judge(counts, 2022)
    assert verdict["passed"] is False
    (failed,) = [check for check in verdict["checks"] if not check["passed"]]
    assert (failed["name"], failed["measured"], failed["limit"]) == ("size", 128_001, 128_000)


def test_what_has_no_rule_is_told(
    run: RunFolder,
    changed_workspace: Callable[..., Workspace],
    capsys: pytest.CaptureFixture[str],
) -> None:
    inputs = keras.Input((11, 4))
    keras.Model(inputs, keras.layers.LSTM(3, name="odd")(inputs)).save(run.float_model)
    run.int8_model.unlink()
    complexity.measure_models(run, changed_workspace(challenge={"edition": None}))
    assert "odd" in read_json(run.complexity)["float"]["uncounted"]
    told = capsys.readouterr().err
    assert "no rule for odd" in told and "the multiply-adds are too few" in told


def test_the_deployed_model_is_named_where_an_edition_judges_it(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    remarks = complexity.measure_models(run, changed_workspace(challenge={"edition": 2024}))
    assert [remark.split()[0] for remark in remarks] == ["float", "size", "macs"]
    assert "bytes (int8 model, " in remarks[1]
    assert "(float model, torchinfo)" in remarks[2]
