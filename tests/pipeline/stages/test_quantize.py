from collections.abc import Callable

import numpy as np
import pytest

from dssd_tf.errors import RunError
from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.pipeline.stages import quantize


def test_calibration_takes_training_clips_by_the_seed(
    changed_workspace: Callable[..., Workspace],
) -> None:
    workspace = changed_workspace(quantization={"calibration_clips": 4})
    chosen = quantize.calibration_features(workspace)
    assert chosen.shape == (4, 11, 32, 2)
    store = workspace.store
    train = store.gather(store.positions(workspace.dataset.train["filename"]))
    assert all(any(np.array_equal(clip, other) for other in train) for clip in chosen)
    np.testing.assert_array_equal(chosen, quantize.calibration_features(workspace))


def test_more_clips_than_there_are_take_all_of_them(
    changed_workspace: Callable[..., Workspace],
) -> None:
    workspace = changed_workspace(quantization={"calibration_clips": 10_000})
    assert len(quantize.calibration_features(workspace)) == len(workspace.dataset.train)


def test_a_recipe_that_does_not_quantize_leaves_no_int8_model(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    workspace = changed_workspace(quantization={"method": "none"})
    assert quantize.quantize_model(run, workspace) == ["the recipe keeps the float model"]
    assert not run.int8_model.exists()
    assert quantize.quantize_model(run, workspace), "nothing to remove is no error"


def test_an_untrained_run_names_the_command(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    run.float_model.unlink()
    with pytest.raises(RunError, match="dssd train"):
        quantize.quantize_model(run, changed_workspace())
