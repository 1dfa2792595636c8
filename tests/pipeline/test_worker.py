"""That a worker starts no run; two of them train in tests/training/distributed."""

from pathlib import Path
from typing import Any

import pytest

from dssd_tf.pipeline import worker
from dssd_tf.recipe import load_recipe


def test_a_worker_reads_the_run_of_the_chief_and_makes_none(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = load_recipe(repository / "recipes" / "demo" / "demo.yaml", [f"data.root={tmp_path}"])
    checked: list[Any] = []
    trained: list[Any] = []
    monkeypatch.setattr(worker, "check_with_data", checked.append)
    monkeypatch.setattr(worker, "train_model", lambda *given: trained.append(given) or [])
    worker.train_as_worker(recipe, tmp_path / "runs" / "one")
    ((run, workspace),) = trained
    assert checked == [workspace]
    assert run.path == tmp_path / "runs" / "one"
    assert workspace.cache == tmp_path / "runs" / "feature_cache"
    assert list(tmp_path.iterdir()) == []
