"""The written folder, used as the challenge uses it: in a process that has nothing else."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dssd_tf.challenge import load_edition
from dssd_tf.challenge.inference_package import InferenceSystem, write_inference_package
from dssd_tf.errors import DssdError, ModelError, PackageError
from dssd_tf.evaluation.predictor import TFLitePredictor
from dssd_tf.features import LogMelConfig, LogMelExtractor

PACKAGE = "Doe_Example_Lab_task1"
DEVICES = ["a", "b", "unknown", "s1", "nobody", "a", "c", "s10"]

PREDICT = f"""
from {PACKAGE} import {PACKAGE}_1 as system
import numpy
logits, classes = system.predict({{paths!r}}, {{devices!r}})
assert all(isinstance(item, numpy.ndarray) for item in logits)
result = [[item.tolist() for item in logits], classes]
"""


@pytest.fixture(scope="session")
def expected(
    recordings: list[str], features: LogMelConfig, make_model: Callable[..., bytes]
) -> tuple[np.ndarray, np.ndarray, float]:
    """Logits (clips, classes) of the general and of device a's model, and the larger step."""
    import soundfile

    extract = LogMelExtractor(features)
    clips = np.stack([extract(soundfile.read(p, dtype="float32")[0]) for p in recordings])
    models = [TFLitePredictor(make_model(seed)) for seed in (1, 2)]
    general, own = (model(clips)[:, :3] for model in models)
    return general, own, max(model._output["quantization"][0] for model in models)


def test_logits_are_those_of_the_deployed_models(
    written: Path,
    recordings: list[str],
    expected: tuple[np.ndarray, np.ndarray, float],
    call: Callable[..., Any],
) -> None:
    code = PREDICT.format(paths=recordings, devices=DEVICES)
    logits, classes = call(code, written)
    general, own, step = expected
    of_a = np.array(DEVICES) == "a"
    wanted = np.where(of_a[:, None], own, general)
    assert classes == ["bus", "metro", "tram"]
    assert np.abs(np.array(logits) - wanted).max() <= 1.01 * step
    assert np.mean(np.abs(np.array(logits) - wanted) < 1e-6) > 0.9
    # Another order of the devices would be seen, and so would one of the recordings.
    assert np.abs(np.where(of_a[:, None], general, own) - wanted).max() > 3 * step
    assert np.abs(wanted[::-1] - wanted).max() > 3 * step


def test_the_four_functions_without_torch(
    written: Path, recordings: list[str], call: Callable[..., Any]
) -> None:
    code = f"""
from {PACKAGE} import {PACKAGE}_1 as system
model = system.load_model()
inputs = system.load_inputs({recordings[:3]!r}, ["a", "b", "c"], model)
general = system.get_model_for_device(model, "unknown")
own = system.get_model_for_device(model, "a")
same = [system.get_model_for_device(model, name) is general for name in ("s1", "b", "x", None)]
alone = [system.get_model_for_device(model, "a")(inputs[0])[0].tolist()]
logits, _ = system.predict({recordings[:1]!r}, ["a"])
result = [[list(x.shape) for x in inputs], str(inputs[0].dtype), same, own is general,
          alone[0] == logits[0].tolist()]
"""
    shapes, dtype, same, own_is_general, alone = call(code, written)
    assert shapes == [[1, 32, 12, 2]] * 3
    assert dtype == "float32"
    assert same == [True] * 4
    assert not own_is_general
    assert alone


def test_another_model_file(
    written: Path, tmp_path: Path, recordings: list[str], call: Callable[..., Any]
) -> None:
    other = shutil.copytree(written / PACKAGE / "models" / "3", tmp_path / "mine")
    shutil.copy(other / "general.tflite", other / "renamed.tflite")
    code = f"""
from {PACKAGE} import {PACKAGE}_1 as one, {PACKAGE}_3 as three
files, devices = {recordings!r}, ["b"] * {len(recordings)}
def run(system, path=None):
    return [item.tolist() for item in system.predict(files, devices, path)[0]]
folder = {str(other)!r}
result = [run(one), run(three), run(one, folder), run(one, folder + "/renamed.tflite")]
"""
    own, third, by_folder, by_file = call(code, written)
    assert own != third
    assert by_folder == third
    assert by_file == third


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("[{broken!r}], ['a']", "broken.wav: cannot be read as audio"),
        ("['/nowhere/x.wav'], ['a']", "/nowhere/x.wav: no such recording — check file_paths"),
        ("[{broken!r}], []", "1 recordings for 0 devices — give file_paths and device_ids"),
        ("[{broken!r}], None", "device_ids is None, which is no list"),
        ("{broken!r}, 'a'", "which is no list — give file_paths and device_ids as lists"),
        ("[{broken!r}], ['a'], '/nowhere/m'", "/nowhere/m: no such file or folder — give"),
        ("[{broken!r}], ['a'], {broken!r}", "broken.wav: is a .wav file — give"),
    ],
    ids=["broken", "missing", "lengths", "no-devices", "no-lists", "no-model", "no-tflite"],
)
def test_errors_name_the_file(
    written: Path, tmp_path: Path, run_isolated: Callable[..., Any], arguments: str, told: str
) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF....")
    given = arguments.format(broken=str(tmp_path / "broken.wav"))
    code = f"from {PACKAGE} import {PACKAGE}_1 as system\nsystem.predict({given})"
    done = run_isolated(code, written)
    assert done.returncode == 1
    assert "InferenceError" in done.stderr.splitlines()[-1]
    assert told in done.stderr.splitlines()[-1]


def test_use_cuda_without_a_gpu(
    written: Path, recordings: list[str], run_isolated: Callable[..., Any]
) -> None:
    code = f"""
from {PACKAGE} import {PACKAGE}_1 as system
print(len(system.predict({recordings[:2]!r}, ["a", "b"], use_cuda=True)[0]))
"""
    done = run_isolated(code, written)
    assert done.stdout.split() == ["2"]
    assert "use_cuda: torch is not installed; the CPU is used" in done.stderr


def test_without_litert_and_torch(
    written: Path, recordings: list[str], run_isolated: Callable[..., Any]
) -> None:
    code = f"""
from {PACKAGE} import {PACKAGE}_1 as system
system.predict({recordings[:1]!r}, ["a"])
"""
    done = run_isolated(code, written, blocked=["ai_edge_litert"])
    assert "needs LiteRT to run — pip install ai-edge-litert" in done.stderr


def test_what_it_holds(written: Path) -> None:
    assert written.name == f"{PACKAGE}_inference"
    assert {path.name for path in written.iterdir()} == {
        *("README.md", "requirements.txt", "setup.py", "test_complexity.py", PACKAGE)
    }
    models = written / PACKAGE / "models"
    names = {path.name for path in (models / "1").iterdir()}
    assert {n for n in names if n.endswith(".tflite")} == {"general.tflite", "a.tflite"}
    assert {"general.graph.json", "general.weights.npz", "a.graph.json"} <= names
    settings = json.loads((models / "1" / "system.json").read_text())
    assert settings["models"] == {"a": "a", "s1": "general"}
    assert (written / PACKAGE / "resources" / "dummy.wav").is_file()
    for path in written.rglob("*.py"):
        for line in path.read_text().splitlines():
            words = line.split()
            assert not (words[:1] in (["from"], ["import"]) and "dssd_tf" in line), path
    assert not [path for path in written.rglob("*") if path.name == "__pycache__"]


def test_it_installs_as_its_setup_says(written: Path, tmp_path: Path) -> None:
    """A wheel would fetch its tools; the build step alone shows what is installed."""
    copied = shutil.copytree(written, tmp_path / "copied")
    done = subprocess.run(
        [sys.executable, "-I", "setup.py", "-q", "build_py", "--build-lib", str(tmp_path / "lib")],
        cwd=copied,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found, wanted = (
        {path.relative_to(root) for path in (root / PACKAGE).rglob("*") if path.is_file()}
        for root in (tmp_path / "lib", written)
    )
    assert found == wanted


def test_the_same_input_gives_the_same_bytes(
    written: Path, make_system: Callable[..., InferenceSystem], tmp_path: Path
) -> None:
    systems = [make_system(1), make_system(3, {None: make_system().models["a"]})]
    again = write_inference_package(systems, "Doe_Example-Lab", load_edition(2025), tmp_path)
    for path in written.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            other = again / path.relative_to(written)
            assert other.read_bytes() == path.read_bytes(), path


def test_an_existing_folder_is_refused(
    make_system: Callable[..., InferenceSystem], tmp_path: Path
) -> None:
    (tmp_path / "Doe_X_task1_inference").mkdir()
    with pytest.raises(PackageError, match="Doe_X_task1_inference: exists — remove it"):
        write_inference_package([make_system()], "Doe_X", load_edition(2025), tmp_path)


def test_a_failure_leaves_nothing(
    make_system: Callable[..., InferenceSystem], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, left = Path.write_bytes, [5]

    def full(path: Path, data: bytes) -> int:
        left[0] -= "task1_inference" in str(path)
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DssdError, match="could not be written"):
        write_inference_package([make_system()], "Doe_X", load_edition(2025), tmp_path)
    assert left[0] < 0
    assert list(tmp_path.iterdir()) == []


def test_other_editions_are_refused(
    make_system: Callable[..., InferenceSystem], tmp_path: Path
) -> None:
    for limits in (load_edition(2024), load_edition(2023)):
        with pytest.raises(PackageError, match="asks for no inference code"):
            write_inference_package([make_system()], "Doe_X", limits, tmp_path)
    lacking = load_edition(2025).model_copy(update={"limits": load_edition(2025).limits[:1]})
    with pytest.raises(PackageError, match="edition 2025 has no limit of macs"):
        write_inference_package([make_system()], "Doe_X", lacking, tmp_path)


def test_models_must_fit(make_system: Callable[..., InferenceSystem], tmp_path: Path) -> None:
    for changed, told in (
        ({"clip_seconds": 0.7}, "device general: takes input"),
        ({"classes": ("bus", "tram")}, "has 5 outputs, but 2 classes"),
        ({"models": {None: b"no model at all"}}, "is not a readable .tflite model"),
    ):
        with pytest.raises(ModelError, match=told):
            write_inference_package([make_system(**changed)], "Doe_X", load_edition(2025), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_importing_it_is_cheap() -> None:
    code = (
        "import dssd_tf.challenge.inference_package, sys\n"
        "print([m for m in ('tensorflow', 'keras', 'torch', 'ai_edge_litert', 'librosa')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_long_list_is_read_in_a_bounded_way(written: Path, call: Callable[..., Any]) -> None:
    """Features of no more clips than are read ahead are alive at once."""
    dummy = str(written / PACKAGE / "resources" / "dummy.wav")
    code = f"""
import weakref
from {PACKAGE} import {PACKAGE}_1 as system
from {PACKAGE}.runtime.front_end import FrontEnd
alive, most, compute = set(), [0], FrontEnd.__call__
class Held(__import__("numpy").ndarray):
    pass
def watched(self, waveform):
    clip = compute(self, waveform).view(Held)
    key = object()
    alive.add(key)
    weakref.finalize(clip, alive.discard, key)
    most[0] = max(most[0], len(alive))
    return clip
FrontEnd.__call__ = watched
logits, _ = system.predict([{dummy!r}] * 400, ["a"] * 400)
result = [len(logits), most[0]]
"""
    clips, most = call(code, written)
    assert clips == 400
    assert 1 < most <= 80
