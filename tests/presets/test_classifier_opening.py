"""Which model `open_classifier` takes; `test_preset.py` has what it then gives."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.presets import open_classifier


@pytest.fixture
def both(folder: Path, int8_content: bytes) -> Path:
    """A preset's folder with an int8 model."""
    (folder / "model_int8.tflite").write_bytes(int8_content)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kind", [".keras", ".tflite"])
def test_another_model_goes_by_the_preset_s_settings(
    both: Path, noise: Callable, tmp_path: Path, kind: str
) -> None:
    of_folder = open_classifier(both, use_float=kind == ".keras").classify(noise(2))
    name = "model.keras" if kind == ".keras" else "model_int8.tflite"
    other = Path(shutil.copy(both / name, tmp_path / f"other{kind}"))
    (both / name).unlink()
    found = open_classifier(both, model=other)
    np.testing.assert_array_equal(found.classify(noise(2)), of_folder)
    assert found.classes == ("airport", "bus", "tram")


def test_a_keras_file_that_does_not_fit_is_named(both: Path, tmp_path: Path) -> None:
    inputs = keras.Input((5, 5, 1))
    model = keras.Model(inputs, keras.layers.Dense(4)(keras.layers.Flatten()(inputs)))
    model.save(tmp_path / "other.keras")
    with pytest.raises(ModelError, match=r"takes input \(5, 5, 1\)") as refused:
        open_classifier(both, model=tmp_path / "other.keras")
    assert refused.value.path == tmp_path / "other.keras"


def test_a_missing_file_is_named(both: Path, tmp_path: Path) -> None:
    for name in ("none.keras", "none.tflite"):
        with pytest.raises(ModelError, match="no such"):
            open_classifier(both, model=tmp_path / name)


@pytest.mark.slow
def test_an_int8_model_needs_no_tensorflow(both: Path, recording: Path) -> None:
    code = (
        "import sys; from dssd_tf.presets import open_classifier; "
        "open_classifier(sys.argv[1]).classify_file(sys.argv[2]); "
        "print([m for m in ('tensorflow', 'keras') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(both), str(recording)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
