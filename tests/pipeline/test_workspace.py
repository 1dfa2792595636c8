from pathlib import Path

import pytest

from dssd_tf.data import DataConfig
from dssd_tf.errors import DataError, RecipeError
from dssd_tf.pipeline import Workspace
from dssd_tf.recipe import ChallengeConfig, Recipe


def test_a_recipe_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"recipe 'x' names no data folder — .*--data"):
        Workspace(Recipe(name="x"), tmp_path)


def test_resolved_recipe_has_the_classes_and_absolute_paths(
    synthetic_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(synthetic_set.parent)
    data = DataConfig(root=Path(synthetic_set.name), cache=Path("cache"))
    recipe = Recipe(name="x", data=data, challenge=ChallengeConfig(entry=Path("e.yaml")))
    resolved = Workspace(recipe, Path("elsewhere")).resolved()
    classes = resolved.data.classes
    assert classes is not None
    assert len(classes) == 10
    assert list(classes) == sorted(classes)
    assert resolved.data.root == synthetic_set.resolve()
    assert resolved.data.cache == synthetic_set.parent.resolve() / "cache"
    assert resolved.challenge.entry == synthetic_set.parent.resolve() / "e.yaml"
    assert recipe.data.classes is None


def test_a_given_class_order_is_kept(synthetic_set: Path, tmp_path: Path) -> None:
    plain = Workspace(Recipe(name="x", data=DataConfig(root=synthetic_set)), tmp_path)
    order = tuple(reversed(plain.dataset.classes))
    data = DataConfig(root=synthetic_set, classes=order)
    assert Workspace(Recipe(name="x", data=data), tmp_path).resolved().data.classes == order


def test_the_cache_of_the_recipe_goes_first(tmp_path: Path) -> None:
    data = DataConfig(root=tmp_path)
    assert Workspace(Recipe(name="x", data=data), tmp_path / "a").cache == tmp_path / "a"
    data = DataConfig(root=tmp_path, cache=tmp_path / "b")
    assert Workspace(Recipe(name="x", data=data), tmp_path / "a").cache == tmp_path / "b"


def test_an_evaluation_set_is_optional_but_must_be_there_if_named(
    synthetic_set: Path, tmp_path: Path
) -> None:
    without = Workspace(Recipe(name="x", data=DataConfig(root=synthetic_set)), tmp_path)
    assert without.evaluation_clips is None
    assert without.evaluation_store is None
    named = DataConfig(root=synthetic_set, evaluation=Path("evaluation"))
    clips = Workspace(Recipe(name="x", data=named), tmp_path).evaluation_clips
    assert clips is not None
    assert len(clips) == 10
    wrong = DataConfig(root=synthetic_set, evaluation=Path("evaluatoin"))
    with pytest.raises(DataError, match="evaluatoin: no such evaluation set"):
        _ = Workspace(Recipe(name="x", data=wrong), tmp_path).evaluation_clips
