import shutil
from pathlib import Path

import pytest

from dssd_tf.challenge.inference_package.runtime.errors import InferenceError
from dssd_tf.challenge.inference_package.runtime.system_files import open_system

PACKAGE = "Doe_Example_Lab_task1"


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written / PACKAGE / "models" / "1", tmp_path / "1"))


def test_a_device_without_a_model_gets_the_general_one(folder: Path) -> None:
    files = open_system(folder)
    assert files.all_stems == ["general", "a"]
    assert [files.stem(device) for device in ("a", "s1", "s9", "unknown", None)] == [
        "a",
        *["general"] * 4,
    ]
    assert files.model("a") == folder / "a.tflite"
    assert files.graph("a").is_file() and files.weights("a").is_file()


def test_one_file_stands_for_every_device(folder: Path, tmp_path: Path) -> None:
    files = open_system(folder, folder / "a.tflite")
    assert files.all_stems == ["a"]
    assert files.stem("s1") == "a"
    assert files.without_twin == {}
    alone = tmp_path / "alone.tflite"
    shutil.copy(folder / "a.tflite", alone)
    assert list(open_system(folder, alone).without_twin) == ["alone"]


def test_what_is_missing_or_damaged_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InferenceError, match="no such file or folder"):
        open_system(folder, tmp_path / "nowhere")
    with pytest.raises(InferenceError, match=r"is a \.json file"):
        open_system(folder, folder / "system.json")
    (folder / "a.tflite").unlink()
    with pytest.raises(InferenceError, match=r"a\.tflite: no such model"):
        open_system(folder)
    (folder / "system.json").write_text("{")
    with pytest.raises(InferenceError, match="is not a system's folder"):
        open_system(folder)
