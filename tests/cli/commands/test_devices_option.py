"""`--devices` of `dssd run` and `dssd train`."""

import json
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.cli import main
from dssd_tf.pipeline import worker
from dssd_tf.training import devices


def _arguments(repository: Path, out: Path, name: str) -> list[str]:
    recipe = repository / "recipes" / "demo" / "demo.yaml"
    data = out.parent / "data"
    return ["train", str(recipe), "--data", str(data), "--out", str(out), "--devices", name]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mirrored", "training.devices is mirrored, but TensorFlow sees only one CPU"),
        ("multi_worker", "training.devices multi_worker needs TF_CONFIG"),
        ("two", "training.devices: "),
    ],
)
def test_devices_that_are_not_there(
    repository: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    message: str,
) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    devices.strategy_for.cache_clear()
    assert main(_arguments(repository, tmp_path / "run", name)) == 2
    errors = capsys.readouterr().err
    assert message in errors and len(errors.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_a_further_worker_trains_along_and_starts_no_run(
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    task: dict[str, Any] = {"type": "worker", "index": 1}
    cluster = {"worker": ["localhost:1", "localhost:2"]}
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": task}))
    monkeypatch.setattr(devices, "strategy_for", lambda name: None)
    taken: list[Any] = []
    monkeypatch.setattr(worker, "train_as_worker", lambda *given: taken.append(given))
    assert main(_arguments(repository, tmp_path / "run", "multi_worker")) == 0
    ((recipe, out),) = taken
    assert recipe.training.devices == "multi_worker" and out == tmp_path / "run"
    assert not out.exists()
    assert capsys.readouterr().out == ""
