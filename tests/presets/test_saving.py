import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from dssd_tf.errors import DssdError, ModelError
from dssd_tf.presets import PresetConfig, from_preset, read_preset_config, save_to_preset
from dssd_tf.presets import saving as module
from dssd_tf.presets.card import model_card

_KILLED = """
import os, signal, sys
from dssd_tf.presets import from_preset, save_to_preset, saving

def killed(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

preset = from_preset(sys.argv[1])
saving.write_text = killed
save_to_preset(sys.argv[1], preset.model, preset.config, overwrite=True)
"""


def test_a_preset_has_its_files_and_no_others(
    tmp_path: Path, model: keras.Model, config: PresetConfig, int8_content: bytes
) -> None:
    folder = tmp_path / "new" / "preset"
    assert save_to_preset(folder, model, config, int8=int8_content) == folder
    assert {path.name for path in folder.iterdir()} == {
        "model.keras",
        "model_int8.tflite",
        "preset.json",
        "README.md",
    }
    assert read_preset_config(folder) == config
    assert (folder / "README.md").read_text() == model_card(config)
    assert (folder / "model_int8.tflite").read_bytes() == int8_content
    assert [path.name for path in folder.parent.iterdir()] == ["preset"]


def test_a_preset_is_replaced_only_when_told(
    folder: Path, model: keras.Model, config: PresetConfig, int8_content: bytes
) -> None:
    save_to_preset(folder, model, config, int8=int8_content, overwrite=True)
    other = config.model_copy(update={"licence": "other"})
    with pytest.raises(ModelError, match=r"holds a preset already — .*--overwrite"):
        save_to_preset(folder, model, other)
    assert read_preset_config(folder) == config
    save_to_preset(folder, model, other, overwrite=True)
    assert read_preset_config(folder) == other
    assert not (folder / "model_int8.tflite").exists(), "the old int8 model is another network"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("content", ["folder", "empty", "file"])
def test_what_is_no_preset_is_never_replaced(
    tmp_path: Path, model: keras.Model, config: PresetConfig, content: str
) -> None:
    target = tmp_path / "thesis"
    if content == "file":
        target.write_text("years of work")
    else:
        target.mkdir()
    if content == "folder":
        (target / "chapter.txt").write_text("years of work")
    with pytest.raises(ModelError, match="exists and is not a preset") as refused:
        save_to_preset(target, model, config, overwrite=True)
    assert refused.value.path == target
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]
    assert (target / "chapter.txt").exists() == (content == "folder")


def test_files_that_lie_in_a_preset_are_not_lost(
    folder: Path, model: keras.Model, config: PresetConfig
) -> None:
    (folder / "notes.txt").write_text("years of work")
    with pytest.raises(ModelError, match=r"no part of a preset \(notes\.txt\)"):
        save_to_preset(folder, model, config, overwrite=True)
    assert (folder / "notes.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"classes": ("bus", "tram")}, r"has 4 outputs, but 2 classes \(bus, tram\)"),
        ({"coarse_classes": ()}, r"has 4 outputs, but 3 classes"),
        ({"clip_seconds": 2.0}, r"takes input \(16, 16, 1\).*\(32, 16, 1\)"),
    ],
)
def test_a_model_of_other_classes_or_features_is_refused(
    tmp_path: Path, model: keras.Model, config: PresetConfig, change: dict, told: str
) -> None:
    with pytest.raises(ModelError, match=told):
        save_to_preset(tmp_path / "preset", model, config.model_copy(update=change))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["garbage", "missing", "other"])
def test_an_int8_model_that_does_not_fit_is_refused(
    tmp_path: Path, config: PresetConfig, int8_content: bytes, kind: str
) -> None:
    wide = config.model_copy(update={"clip_seconds": 2.0})
    inputs = keras.Input(wide.input_shape)
    x = keras.layers.Dense(4)(keras.layers.GlobalAveragePooling2D()(inputs))
    int8 = {"garbage": b"no model", "missing": tmp_path / "none.tflite", "other": int8_content}
    with pytest.raises(ModelError, match=r"readable \.tflite|none\.tflite|takes input") as refused:
        save_to_preset(tmp_path / "preset", keras.Model(inputs, x), wide, int8=int8[kind])
    assert "tflite" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["save_model", "write_json", "write_text"])
@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_failed_write_leaves_the_old_preset_or_none(
    folder: Path,
    tmp_path: Path,
    model: keras.Model,
    config: PresetConfig,
    monkeypatch: pytest.MonkeyPatch,
    files: Callable,
    step: str,
    failure: BaseException,
) -> None:
    def fails(*arguments: object) -> None:
        raise failure

    old = files(folder)
    monkeypatch.setattr(module, step, fails)
    for target in (folder, tmp_path / "new"):
        with pytest.raises((KeyboardInterrupt, DssdError)) as raised:
            save_to_preset(target, model, config, overwrite=True)
        if isinstance(failure, OSError):
            assert f"{target}: could not be written (No space left" in str(raised.value)
    assert files(folder) == old
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_the_old_preset_comes_back_when_the_new_one_cannot_be_placed(
    folder: Path,
    tmp_path: Path,
    model: keras.Model,
    config: PresetConfig,
    monkeypatch: pytest.MonkeyPatch,
    files: Callable,
) -> None:
    replace = Path.replace

    def fails(path: Path, target: Path) -> Path:
        if target == folder:
            raise OSError(13, "Permission denied")
        return replace(path, target)

    old = files(folder)
    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(DssdError, match="Permission denied"):
        save_to_preset(folder, model, config, overwrite=True)
    assert files(folder) == old
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


@pytest.mark.slow
def test_a_killed_writer_leaves_the_old_preset_whole(
    folder: Path, model: keras.Model, config: PresetConfig, files: Callable
) -> None:
    old = files(folder)
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(folder)], capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert files(folder) == old
    assert from_preset(folder).config == config
    save_to_preset(folder, model, config, overwrite=True)
