"""`python test_complexity.py` in a written folder."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.challenge import load_edition
from dssd_tf.challenge.inference_package import InferenceSystem, write_inference_package

PACKAGE = "Doe_Example_Lab_task1"
DEVICES = ["a", "b", "c", "d", *(f"s{number}" for number in range(1, 11)), "unknown"]

_SCRIPT = """
import sys
for name in {blocked!r}:
    sys.modules[name] = None
sys.path.extend({further!r})
sys.argv = ["test_complexity.py", *{arguments!r}]
import runpy
sys.path.insert(0, {folder!r})
runpy.run_path({folder!r} + "/test_complexity.py", run_name="__main__")
"""


@pytest.fixture(scope="session")
def check() -> Callable[..., tuple[int, list[str]]]:
    """Run the script: (exit code, lines); torch is hidden unless it is asked for."""

    def run(folder: Path, *arguments: str, torch: bool = False) -> tuple[int, list[str]]:
        blocked, further = ["dssd_tf", "tensorflow", "keras"], []
        if torch:
            names = [__import__(name) for name in ("torch", "torchinfo")]
            further = [str(Path(module.__file__ or "").parents[1]) for module in names]
        else:
            blocked.append("torch")
        code = _SCRIPT.format(
            blocked=blocked, further=further, arguments=arguments, folder=str(folder)
        )
        done = subprocess.run(
            [sys.executable, "-I", "-B", "-c", code], capture_output=True, text=True, check=False
        )
        return done.returncode, [*done.stdout.splitlines(), *done.stderr.splitlines()]

    return run


@pytest.fixture
def copied(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "package"))


def test_a_line_for_each_device(written: Path, check: Callable[..., tuple[int, list[str]]]) -> None:
    code, lines = check(written)
    assert code == 0, lines
    assert lines[0].startswith("Limits of DCASE 2025 Task 1")
    assert lines[1] == f"{PACKAGE}_1: counted by torchinfo's rule on graph.json"
    assert [line.split(":")[0] for line in lines[2:17]] == [f"{PACKAGE}_1 {d}" for d in DEVICES]
    assert all(line.endswith("bytes: ok") for line in lines[2:17])
    # By hand: convolutions of 6·(3·3·2+1) at 16·6, 6·(9+1) at 16·6, 8·(6+1) at 9·5 places,
    # dense layers of 6·(6+1) and 5·(14+1).
    macs = 6 * 19 * 96 + 6 * 10 * 96 + 8 * 7 * 45 + 42 + 75
    size = 6 * 18 + 6 * 9 + 8 * 6 + 36 + 70 + 4 * (6 + 6 + 8 + 6 + 5)
    assert lines[2] == (
        f"{PACKAGE}_1 a: {macs:,} of 30,000,000 MACs, {size:,} of 128,000 bytes: ok"
    )
    assert len(lines) == 1 + 2 * 16


def test_one_system(written: Path, check: Callable[..., tuple[int, list[str]]]) -> None:
    code, lines = check(written, "--submission-index", "3")
    assert code == 0
    assert {line.split()[0].rstrip(":") for line in lines[1:]} == {f"{PACKAGE}_3"}
    code, lines = check(written, "--submission-index", "2")
    assert code == 2
    assert lines == ["The package is broken: there is no system 2 — choose one of 1, 3"]


@pytest.mark.parametrize(("unit", "limit"), [("macs", 19000), ("bytes", 400)])
def test_over_a_limit(
    copied: Path, check: Callable[..., tuple[int, list[str]]], unit: str, limit: int
) -> None:
    path = copied / PACKAGE / "edition.json"
    edition = json.loads(path.read_text())
    assert edition["limits"] == {"bytes": 128000, "macs": 30000000}
    edition["limits"][unit] = limit
    path.write_text(json.dumps(edition))
    code, lines = check(copied)
    assert code == 1
    assert all(line.endswith(f": over the limit of {unit}") for line in lines[2:17])


def test_a_graph_that_fits_no_weights(
    copied: Path, check: Callable[..., tuple[int, list[str]]]
) -> None:
    path = copied / PACKAGE / "models" / "1" / "general.graph.json"
    graph = json.loads(path.read_text())
    del graph["operators"][0]["output"]
    path.write_text(json.dumps(graph))
    code, lines = check(copied)
    assert code == 2
    assert "general.graph.json: is not a readable twin" in lines[-1]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("edition.json", "edition.json"),
        ("models/1/a.tflite", "a.tflite: no such model — unpack the package again"),
        ("models/1/system.json", "models/1: is not a system's folder"),
        ("models/1/front_end.npz", "models/1: holds no readable front end"),
        ("models/1/a.weights.npz", "a.graph.json: is not a readable twin"),
        ("runtime/counting.py", "counting"),
    ],
)
def test_a_broken_package(
    copied: Path, check: Callable[..., tuple[int, list[str]]], name: str, told: str
) -> None:
    (copied / PACKAGE / name).unlink()
    code, lines = check(copied)
    assert code == 2
    assert lines[-1].startswith("The package is broken: ")
    assert told in lines[-1]


def test_a_model_without_a_twin(
    make_system: Callable[..., InferenceSystem],
    make_model: Callable[..., bytes],
    check: Callable[..., tuple[int, list[str]]],
    tmp_path: Path,
) -> None:
    system = make_system(1, {None: make_model(kind="unknown"), "b": make_model()})
    folder = write_inference_package([system], "Doe_X", load_edition(2025), tmp_path)
    code, lines = check(folder)
    assert code == 1
    assert lines[1].endswith("the .tflite file's constants and torchinfo's rule on graph.json")
    # One convolution of 2·(3·3·2+1) at 30·10 places, a dense layer of 5·(2+1).
    assert lines[2] == (
        f"Doe_X_task1_1 a: at least {2 * 19 * 300 + 15:,} of 30,000,000 MACs, "
        f"{36 + 8 + 10 + 20} of 128,000 bytes: not counted in full (TILE)"
    )
    assert lines[3].endswith(": ok")
    page = (folder / "README.md").read_text()
    assert "**These models have no torch twin**" in page
    assert "- Doe_X_task1_1, `general.tflite`: TILE" in page


def test_by_torchinfo(written: Path, check: Callable[..., tuple[int, list[str]]]) -> None:
    """The same figures as by the rule on the files."""
    pytest.importorskip("torch")
    pytest.importorskip("torchinfo")
    code, lines = check(written, torch=True)
    assert code == 0
    assert lines[1] == f"{PACKAGE}_1: counted by torchinfo on the torch twin"
    assert lines[2:17] == check(written)[1][2:17]
