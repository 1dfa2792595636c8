from collections.abc import Callable

import pandas as pd
import pytest

from dssd_tf.errors import RunError
from dssd_tf.evaluation import open_predictor
from dssd_tf.files import read_json
from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.pipeline.stages import quantize


def test_a_recipe_that_does_not_quantize_leaves_no_int8_model(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    workspace = changed_workspace(quantization={"method": "none"})
    (remark,) = quantize.quantize_model(run, workspace)
    assert remark.startswith("the recipe keeps the float model; `--method ptq`")
    assert not run.int8_model.exists() and not run.quantization.exists()
    assert quantize.quantize_model(run, workspace), "nothing to remove is no error"


def test_an_untrained_run_names_the_command(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    run.float_model.unlink()
    with pytest.raises(RunError, match="dssd train"):
        quantize.quantize_model(run, changed_workspace())


@pytest.mark.slow
def test_float16_takes_the_place_of_int8(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    workspace = changed_workspace(quantization={"method": "float16"})
    (remark,) = quantize.quantize_model(run, workspace)
    assert remark.startswith("float16: ")
    assert not run.int8_model.exists()
    assert open_predictor(run.float16_model).input_shape == workspace.store.shape
    assert read_json(run.quantization) == {
        "method": "float16",
        "bytes": run.float16_model.stat().st_size,
    }
    assert run.quantization_method() == "float16"


@pytest.mark.slow
def test_fine_tuning_leaves_history_twin_and_an_int8_file(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    fine_tuning = {"epochs": 2, "batch_size": 8}
    workspace = changed_workspace(quantization={"method": "qat", "fine_tuning": fine_tuning})
    run.int8_model.unlink()
    remarks = quantize.quantize_model(run, workspace)
    history = pd.read_csv(run.fine_tuning_history)
    best = int(history["val_loss"].idxmin()) + 1
    assert remarks[1] == f"epoch {best} of 2"
    assert read_json(run.quantization)["method"] == "qat"
    assert (run.twin / "weights.npz").is_file()
    content = run.int8_model.read_bytes()
    run.int8_model.unlink()
    # What was fine-tuned is read back, not computed again.
    assert quantize.quantize_model(run, workspace) == remarks
    assert run.int8_model.read_bytes() == content
    quantize.quantize_model(run, changed_workspace(quantization={"method": "ptq"}))
    assert not run.twin.exists(), "the twin of another file would be taken for this one's"
