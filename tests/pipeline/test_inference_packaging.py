import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from dssd_tf.challenge import load_edition
from dssd_tf.errors import PackageError
from dssd_tf.evaluation.predictions import read_predictions
from dssd_tf.files import write_json
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.inference_packaging import package_inference

EDITION = load_edition(2025)


@pytest.fixture
def entry(repository: Path) -> Path:
    return repository / "submissions" / "example" / "entry.yaml"


def _run(folder: Path, code: str) -> str:
    """What a fresh Python prints that finds the package and not this one."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_package_predicts_what_the_run_did(
    run: RunFolder, entry: Path, synthetic_set: Path, tmp_path: Path
) -> None:
    folder = package_inference([run], EDITION, entry, tmp_path)
    assert folder == tmp_path / "Doe_EXAMPLE_task1_inference"
    table = read_predictions(run.evaluation_predictions)
    files = [str(synthetic_set / "evaluation" / name) for name in table["filename"]]
    code = f"""
import json
from Doe_EXAMPLE_task1 import Doe_EXAMPLE_task1_1 as system
logits, classes = system.predict({files!r}, {["unknown"] * len(files)!r})
print(json.dumps([classes, [[float(v) for v in row] for row in logits]]))
"""
    classes, rows = json.loads(_run(folder, code).splitlines()[-1])
    assert classes == list(run.recipe().data.classes or ())
    odds = np.exp(np.array(rows))
    found = odds / odds.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, table[classes].to_numpy(), atol=1e-7)


def test_each_device_has_its_runs_model(
    copies: Callable[..., list[RunFolder]],
    of_devices: Callable[..., RunFolder],
    entry: Path,
    tmp_path: Path,
) -> None:
    general, special = copies(None, None)
    of_devices(special, "a", "s1")
    content = bytearray(special.int8_model.read_bytes())
    special.int8_model.write_bytes(bytes(content) + bytes(16))
    folder = package_inference([general, special], EDITION, entry, tmp_path)
    held = [path.read_bytes() for path in folder.rglob("*.tflite")]
    assert sorted(held) == sorted(
        [general.int8_model.read_bytes(), special.int8_model.read_bytes()]
    )


@pytest.mark.slow
def test_a_float_run_is_converted(run: RunFolder, entry: Path, tmp_path: Path) -> None:
    run.int8_model.unlink()
    write_json(run.quantization, {"method": "none"})
    folder = package_inference([run], EDITION, entry, tmp_path)
    (model,) = folder.rglob("*.tflite")
    assert model.stat().st_size > 3 * 3000


def test_runs_with_other_features_or_too_many_are_refused(
    copies: Callable[..., list[RunFolder]],
    of_devices: Callable[..., RunFolder],
    entry: Path,
    tmp_path: Path,
) -> None:
    general, special = copies(None, None)
    with pytest.raises(PackageError, match="describes 1 systems, but 2 are given"):
        package_inference([general, special], EDITION, entry, tmp_path)
    of_devices(special, "a")
    values = yaml.safe_load(special.recipe_file.read_text())
    values["features"]["hop_length"] = 2048
    special.recipe_file.write_text(yaml.safe_dump(values, sort_keys=False))
    with pytest.raises(PackageError, match="has other features than") as caught:
        package_inference([general, special], EDITION, entry, tmp_path)
    assert str(caught.value).startswith(str(special.path))
    with pytest.raises(PackageError, match="asks for no inference code"):
        package_inference([general], load_edition(2022), entry, tmp_path)
    assert list(tmp_path.glob("*_inference")) == []
