import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.recipe import Recipe


@pytest.fixture
def run(copied_run: Path) -> RunFolder:
    """A finished run that may be changed."""
    return RunFolder(copied_run)


@pytest.fixture
def changed_workspace(run: RunFolder, finished_run: Path) -> Callable[..., Workspace]:
    """The run's workspace with sections of its recipe changed; features come from the cache."""

    def change(**sections: dict[str, Any]) -> Workspace:
        values = run.recipe().model_dump()
        for name, section in sections.items():
            values[name] |= section
        return Workspace(Recipe.model_validate(values), finished_run.parent / "feature_cache")

    return change


@pytest.fixture
def copies(finished_run: Path, tmp_path: Path) -> Callable[..., list[RunFolder]]:
    """Copies of the finished run that claim other training splits."""

    def copy(*splits: int | None) -> list[RunFolder]:
        runs = []
        for number, split in enumerate(splits):
            path = Path(shutil.copytree(finished_run, tmp_path / f"copy{number}"))
            recipe = path / "recipe.yaml"
            text = recipe.read_text(encoding="utf-8")
            assert "  split: null\n" in text
            value = "null" if split is None else str(split)
            recipe.write_text(text.replace("  split: null\n", f"  split: {value}\n"))
            runs.append(RunFolder(path))
        return runs

    return copy


@pytest.fixture
def of_devices() -> Callable[..., RunFolder]:
    """Make a run claim that it was trained on some devices only."""

    def claim(run: RunFolder, *devices: str) -> RunFolder:
        text = run.recipe_file.read_text(encoding="utf-8")
        assert "  train_devices: null\n" in text
        listed = f"  train_devices: [{', '.join(devices)}]\n"
        run.recipe_file.write_text(text.replace("  train_devices: null\n", listed))
        return run

    return claim
