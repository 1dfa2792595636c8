"""A training that was interrupted or killed ends as one that was not."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dssd_tf.cli import main
from dssd_tf.models import load_model
from dssd_tf.pipeline import RunFolder, run_recipe
from dssd_tf.recipe import Recipe, load_recipe
from dssd_tf.training import trainer

EPOCHS = 8
STAGES = ("features", "train")

# The network of the fixture `small_network`, for a process of its own.
_PROCESS = """
import sys
import keras
from dssd_tf.cli import main
from dssd_tf.models.registry import register

def build(*, input_shape, classes, name, width=4):
    inputs = keras.Input(input_shape)
    x = keras.layers.Conv2D(width, 3, strides=2, activation="relu")(inputs)
    x = keras.layers.Dropout(0.2)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(classes)(x), name=name)

register("small_for_tests", build, "one convolution, for tests")
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def recipe_file(write_recipe: Callable[..., Path], small_network: str) -> Path:
    return write_recipe(
        model={"name": small_network, "options": {}}, training={"epochs": EPOCHS, "batch_size": 4}
    )


@pytest.fixture
def recipe(recipe_file: Path, synthetic_set: Path) -> Recipe:
    return load_recipe(recipe_file, [f"data.root={synthetic_set}"])


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture
def uninterrupted(recipe: Recipe, cache: Path) -> RunFolder:
    """Made once: the second test finds the stages finished."""
    return run_recipe(recipe, cache / "whole", STAGES, resume=True)


def _history(run: RunFolder) -> pd.DataFrame:
    return pd.read_csv(run.history).drop(columns="seconds")


def _assert_same(run: RunFolder, whole: RunFolder) -> None:
    pd.testing.assert_frame_equal(_history(run), _history(whole), check_exact=True)
    assert len(_history(run)) == EPOCHS
    weights = [load_model(each.float_model).get_weights() for each in (run, whole)]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_interrupted_in_the_second_epoch(
    recipe: Recipe, uninterrupted: RunFolder, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, calls = trainer.save_checkpoint, []

    def interrupted(*arguments: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        save(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(trainer, "save_checkpoint", interrupted)
    out = cache / "interrupted"
    with pytest.raises(KeyboardInterrupt):
        run_recipe(recipe, out, STAGES)
    monkeypatch.undo()
    run = RunFolder(out)
    assert list(run.finished()) == ["features"]
    assert [p.name for p in run.training.iterdir()] == ["epoch-00001"]
    assert not run.float_model.exists()
    _assert_same(run_recipe(recipe, out, STAGES, resume=True), uninterrupted)


@pytest.mark.slow
def test_killed_in_training(
    recipe_file: Path,
    synthetic_set: Path,
    uninterrupted: RunFolder,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = cache / "killed"
    arguments = ["train", str(recipe_file), "--data", str(synthetic_set), "--out", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-c", _PROCESS, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 120
        while not list((out / "training").glob("epoch-*")):
            assert process.poll() is None, "the process ended before its first epoch"
            assert time.monotonic() < deadline, "no epoch was finished"
            time.sleep(0.01)
    finally:
        process.kill()
        status = process.wait()
    assert status == -signal.SIGKILL
    run = RunFolder(out)
    assert "train" not in run.finished()
    assert main([*arguments, "--resume"]) == 0
    _assert_same(run, uninterrupted)
    assert not list(out.rglob(".*.tmp"))
