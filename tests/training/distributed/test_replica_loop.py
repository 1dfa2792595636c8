"""Distillers and plain models on two replicas, against one device."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPT = "distillation_cases.py"
CASES = ("sum", "single", "pcgrad", "clipped", "plain")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def one(start: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what one device gives."""
    folder = tmp_path_factory.mktemp("one")
    _finish(start(SCRIPT, [folder, "one"]))
    return folder / "one"


@pytest.fixture(scope="module")
def mirrored(start: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what two logical devices give."""
    folder = tmp_path_factory.mktemp("mirrored")
    _finish(start(SCRIPT, [folder, "mirrored"]))
    return folder / "mirrored"


def test_the_cases_are_worth_comparing(one: Path) -> None:
    found = json.loads(one.with_suffix(".json").read_text())
    assert set(found) == set(CASES)
    terms = {"student_loss", "distillation_loss", "feature_loss", "coarse_loss"}
    assert set(found["sum"]["trained"]) == {"loss", "accuracy", *terms}
    # Each way of training leads elsewhere.
    losses = {found[name]["evaluated"]["loss"] for name in ("sum", "pcgrad", "clipped")}
    assert len(losses) == 3


@pytest.mark.parametrize("name", CASES)
def test_two_devices_train_as_one(one: Path, mirrored: Path, name: str) -> None:
    _assert_same(one, mirrored, name)


def test_two_workers_train_as_one(
    one: Path, start: Any, two_workers: list[str], tmp_path: Path
) -> None:
    processes = [start(SCRIPT, [tmp_path, "worker"], config) for config in two_workers]
    for process in processes:
        _finish(process)
    for name in CASES:
        _assert_same(one, tmp_path / "worker0", name)
        _assert_same(one, tmp_path / "worker1", name)
    first, second = (np.load(tmp_path / f"worker{index}.npz") for index in range(2))
    for key in first:
        np.testing.assert_array_equal(first[key], second[key])


def _assert_same(expected: Path, found: Path, name: str) -> None:
    one, other = (json.loads(p.with_suffix(".json").read_text())[name] for p in (expected, found))
    for part in ("trained", "evaluated"):
        assert other[part] == pytest.approx(one[part], abs=1e-5, rel=0)
    weights, others = np.load(expected.with_suffix(".npz")), np.load(found.with_suffix(".npz"))
    keys = [key for key in weights if key.startswith(f"{name}.")]
    assert len(keys) >= 4
    for key in keys:
        np.testing.assert_allclose(others[key], weights[key], rtol=0, atol=1e-5)


def _finish(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate(timeout=200)
    assert process.returncode == 0, errors[-2000:]
