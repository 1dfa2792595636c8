"""Which model, classes and front end a target stands for; `tests/deployment` has the bundle."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from dssd_tf.deployment import FrontEnd
from dssd_tf.errors import DataError, ModelError, RunError
from dssd_tf.features import LogMelConfig
from dssd_tf.files import write_json
from dssd_tf.pipeline import exporting
from dssd_tf.pipeline.exporting import export_mcu
from dssd_tf.presets import PresetConfig
from dssd_tf.recipe import Recipe

CONFIG = LogMelConfig(sampling_rate=8000, n_fft=64, win_length=64, hop_length=64, n_mels=4)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the bundle would have been written from."""
    found: dict[str, Any] = {}

    def write(model: Path, folder: Path, **options: Any) -> dict[str, Any]:
        found.update(options, model=model, folder=folder)
        return {}

    monkeypatch.setattr(exporting, "write_mcu_bundle", write)
    return found


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    """A preset's folder, as far as an export reads it."""
    config = PresetConfig(
        features=CONFIG, clip_seconds=0.5, classes=("bus", "tram"), coarse_classes=("indoor",)
    )
    write_json(tmp_path / "preset" / "preset.json", config.model_dump(mode="json"))
    (tmp_path / "preset" / "model_int8.tflite").touch()
    return tmp_path / "preset"


@pytest.fixture
def recipe(fast_values: dict[str, Any]) -> Recipe:
    values = {**fast_values, "features": CONFIG.model_dump()}
    values["data"] = {**values["data"], "classes": ("bus", "tram"), "clip_seconds": 0.25}
    return Recipe.model_validate(values)


def _same(front_end: FrontEnd | None, config: LogMelConfig, seconds: float) -> bool:
    return front_end is not None and (front_end.config, front_end.clip_seconds) == (config, seconds)


def test_a_preset(asked: dict[str, Any], preset: Path, tmp_path: Path) -> None:
    export_mcu(preset, tmp_path / "mcu", vectors=3, overwrite=True)
    assert asked["model"] == preset / "model_int8.tflite"
    assert asked["classes"] == ("bus", "tram", "indoor")
    assert _same(asked["front_end"], CONFIG, 0.5)
    assert (asked["vectors"], asked["overwrite"], asked["clips"]) == (3, True, None)


def test_a_run(asked: dict[str, Any], finished_run: Path, tmp_path: Path) -> None:
    export_mcu(finished_run, tmp_path / "mcu")
    assert asked["model"] == finished_run / "model_int8.tflite"
    assert len(asked["classes"]) == 10
    assert asked["front_end"].config.n_fft == 1024


def test_a_file_goes_by_its_folder(asked: dict[str, Any], preset: Path, tmp_path: Path) -> None:
    export_mcu(preset / "model_int8.tflite", tmp_path / "mcu")
    assert _same(asked["front_end"], CONFIG, 0.5)
    other = shutil.copy(preset / "model_int8.tflite", preset / "another.tflite")
    export_mcu(Path(other), tmp_path / "mcu")
    assert (asked["model"], asked["front_end"], asked["classes"]) == (Path(other), None, ())


def test_a_file_with_its_recipe(
    asked: dict[str, Any], preset: Path, recipe: Recipe, tmp_path: Path
) -> None:
    model = preset / "model_int8.tflite"
    export_mcu(model, tmp_path / "mcu", recipe=recipe)
    assert asked["classes"] == ("bus", "tram")
    assert _same(asked["front_end"], CONFIG, 0.25)
    with pytest.raises(RunError, match="leave --recipe out"):
        export_mcu(preset, tmp_path / "mcu", recipe=recipe)


def test_recordings_become_clips(asked: dict[str, Any], preset: Path, tmp_path: Path) -> None:
    stored = np.random.default_rng(0).integers(-32768, 32767, 6000, endpoint=True)
    stored = stored.astype(np.int16)
    soundfile.write(tmp_path / "mono.wav", stored, 8000)
    soundfile.write(tmp_path / "other.wav", np.zeros((30000, 2)), 44100)
    export_mcu(preset, tmp_path / "mcu", audio=[tmp_path / "mono.wav", tmp_path / "other.wav"])
    assert asked["clips"].shape == (2, 4000)
    assert asked["clips"].dtype == np.int16
    np.testing.assert_array_equal(asked["clips"][0], stored[:4000])


def test_recordings_that_cannot_be_used(
    asked: dict[str, Any], preset: Path, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "short.wav", np.zeros(3999), 8000)
    with pytest.raises(DataError, match=r"short\.wav: lasts 0\.50 s, shorter than a clip of 0\.5"):
        export_mcu(preset, tmp_path / "mcu", audio=[tmp_path / "short.wav"])
    lone = tmp_path / "lone.tflite"
    with pytest.raises(ModelError, match=r"lone\.tflite: its front end is not known"):
        export_mcu(lone, tmp_path / "mcu", audio=[tmp_path / "short.wav"])
    assert asked == {}


def test_targets_that_are_none(preset: Path, copied_run: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunError, match="is not a run's folder"):
        export_mcu(tmp_path / "empty", tmp_path / "mcu")
    (preset / "model_int8.tflite").unlink()
    with pytest.raises(ModelError, match=r"preset: has no model_int8\.tflite"):
        export_mcu(preset, tmp_path / "mcu")
    (copied_run / "model_int8.tflite").unlink()
    with pytest.raises(RunError, match="run `dssd quantize"):
        export_mcu(copied_run, tmp_path / "mcu")
    with pytest.raises(ModelError, match=r"none\.tflite: cannot be read"):
        export_mcu(tmp_path / "none.tflite", tmp_path / "mcu")
