import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dssd_tf.recipe import default_settings
from dssd_tf.report.side_by_side.runs import read_runs
from dssd_tf.report.side_by_side.settings import settings

RECIPE = {"name": "x", "data": {"root": "/home/me/sets/tau"}, "model": {"options": {}}}


@pytest.fixture
def rows(run_dir: Path, tmp_path: Path) -> Callable[..., dict[str, list[str]]]:
    """The rows of two runs with these keys laid over one recipe."""

    def compare(one: dict[str, Any], other: dict[str, Any]) -> dict[str, list[str]]:
        folders = [run_dir, Path(shutil.copytree(run_dir, tmp_path / "other"))]
        for folder, changes in zip(folders, (one, other), strict=True):
            (folder / "recipe.yaml").write_text(yaml.safe_dump(RECIPE | changes))
        found = settings(read_runs(folders, default_settings()))
        assert isinstance(found, dict)
        return {row["key"]: row["values"] for row in found["rows"]}

    return compare


def test_only_what_differs_is_listed(rows: Callable) -> None:
    found = rows({"training": {"epochs": 12}, "seed": 1}, {"training": {"epochs": 99}, "seed": 1})
    assert found == {"training.epochs": ["12", "99"]}


def test_what_is_absent_does_not_differ_from_the_default(rows: Callable) -> None:
    default = default_settings()["features.band_centred"]
    other = {"features": {"band_centred": default}, "seed": 0, "augmentation": []}
    assert rows({}, other) == {}


def test_what_is_absent_differs_from_any_other_value(rows: Callable) -> None:
    default = default_settings()["features.band_centred"]
    other = {"features": {"band_centred": not default}, "model": {"options": {"width": 3}}}
    assert rows({}, other) == {
        "features.band_centred": ["–", str(not default)],
        "model.options.width": ["–", "3"],
    }


def test_a_default_that_is_turned_off_is_listed(rows: Callable) -> None:
    found = rows({"challenge": {"edition": None}}, {"challenge": {"edition": 2022}})
    assert found == {"challenge.edition": ["null", "2022"]}


def test_a_section_that_one_has_is_told_without_its_defaults(rows: Callable) -> None:
    other = {"distillation": {"weight": 0.5, "temperature": 2.0, "schedule": {"start": 0.0}}}
    assert rows({"distillation": None}, other) == {
        "distillation": ["null", "as below"],
        "distillation.temperature": ["–", "2.0"],
    }


def test_paths_are_short(rows: Callable) -> None:
    assert rows({}, {"data": {"root": "/mnt/disk/sets/mine"}}) == {
        "data.root": ["…/sets/tau", "…/sets/mine"]
    }
