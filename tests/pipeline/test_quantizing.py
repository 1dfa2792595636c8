from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dssd_tf.models import load_model
from dssd_tf.pipeline import RunFolder, Workspace, quantizing
from dssd_tf.pipeline.quantizing import QuantizedFiles, calibration_features, quantize_to
from dssd_tf.pipeline.teacher_source import open_teacher
from dssd_tf.pipeline.teaching import teach
from dssd_tf.recipe import Recipe


def test_calibration_takes_training_clips_by_the_seed(
    changed_workspace: Callable[..., Workspace],
) -> None:
    workspace = changed_workspace(quantization={"calibration_clips": 4})
    chosen = calibration_features(workspace)
    assert chosen.shape == (4, 11, 32, 2)
    store = workspace.store
    train = store.gather(store.positions(workspace.dataset.train["filename"]))
    assert all(any(np.array_equal(clip, other) for other in train) for clip in chosen)
    np.testing.assert_array_equal(chosen, calibration_features(workspace))


def test_more_clips_than_there_are_take_all_of_them(
    changed_workspace: Callable[..., Workspace],
) -> None:
    workspace = changed_workspace(quantization={"calibration_clips": 10_000})
    assert len(calibration_features(workspace)) == len(workspace.dataset.train)


@pytest.mark.slow
def test_a_file_beside_a_model_tells_its_size(
    run: RunFolder, changed_workspace: Callable[..., Workspace], tmp_path: Path
) -> None:
    files = QuantizedFiles(*(tmp_path / name for name in ("a.tflite", "qat", "twin", "h.csv")))
    notes = quantize_to(load_model(run.float_model), changed_workspace(), files)
    assert notes == {"method": "ptq", "bytes": (tmp_path / "a.tflite").stat().st_size}
    assert list(tmp_path.glob("*.tflite")) == [tmp_path / "a.tflite"]


def test_settings_that_change_the_numbers_change_the_identity(
    changed_workspace: Callable[..., Workspace],
) -> None:
    def identity(fingerprint: str = "x", **sections: dict[str, object]) -> str:
        return quantizing._identity(fingerprint, changed_workspace(**sections))

    assert identity() == identity()
    others = [
        identity("y"),
        identity(quantization={"calibration_clips": 3}),
        identity(quantization={"fine_tuning": {"epochs": 3}}),
        identity(training={"batch_size": 5}),
        identity(data={"validation_fraction": 0.4}),
    ]
    assert len({identity(), *others}) == 1 + len(others)
    assert identity(challenge={"edition": 2024}) == identity()


@pytest.mark.slow
@pytest.mark.parametrize("weights", [None, (3.0, 1.0)])
def test_the_banks_part_of_the_loss_has_the_banks_weights(
    changed_workspace: Callable[..., Workspace],
    finished_run: Path,
    tmp_path: Path,
    weights: tuple[float, ...] | None,
) -> None:
    assert quantizing._bank_loss(changed_workspace()) is None
    teach(open_teacher(finished_run), tmp_path / "bank", "big")
    values = changed_workspace().recipe.model_dump()
    values["quantization"]["fine_tuning"]["temperature"] = 4.0
    values["distillation"] = {"bank": tmp_path / "bank", "average": "probabilities"}
    if weights is not None:
        values["distillation"] |= {"teachers": [finished_run], "teacher_weights": weights}
    recipe = Recipe.model_validate(values)
    loss = quantizing._bank_loss(Workspace(recipe, finished_run.parent / "feature_cache"))
    assert (loss.temperature, loss.average) == (4.0, "probabilities")
    assert loss.teacher_weights == (None if weights is None else [1.0])
