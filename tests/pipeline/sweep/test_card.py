import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from dssd_tf.errors import RunError
from dssd_tf.files import read_json, write_json
from dssd_tf.pipeline.sweep.card import configuration_card
from dssd_tf.recipe import Recipe


@pytest.fixture
def add_run(finished_run: Path, tmp_path: Path) -> Callable[..., Path]:
    """Copies the finished run as one of a sweep, with settings of its recipe changed."""

    def add(seed: int, **changes: dict) -> Path:
        path = tmp_path / "base" / f"fold1_seed{seed}"
        shutil.copytree(finished_run, path)
        recipe = yaml.safe_load((path / "recipe.yaml").read_text())
        recipe["seed"] = seed
        for key, values in changes.items():
            recipe[key].update(values)
        (path / "recipe.yaml").write_text(yaml.safe_dump(recipe))
        return path

    return add


def test_a_card_tells_the_network_and_what_its_runs_reached(add_run: Callable) -> None:
    paths = [add_run(seed) for seed in (0, 1)]
    metrics = read_json(paths[1] / "metrics.json")
    scene = metrics["classes"][0]
    metrics["systems"]["int8"]["class_wise"][scene]["accuracy"] = 0.875
    write_json(paths[1] / "metrics.json", metrics)
    first = read_json(paths[0] / "metrics.json")["systems"]["int8"]["class_wise"][scene]["accuracy"]
    card = configuration_card(paths[0].parent)
    assert card.startswith("# base\n")
    assert "from 2 runs: fold 1, seeds 0, 1." in card
    environment = read_json(paths[0] / "environment.json")
    assert f"Trained {environment['started'][:10]} on {environment['cpu_count']} CPUs of" in card
    assert f"| {scene} | {(first + 0.875) / 2:.3f} | " in card
    assert "| base | int8 | " in card
    for device in metrics["trained_devices"]:
        assert f"| {device} | " in card
    assert "{{" not in card and "None" not in card


def test_the_card_ends_with_a_recipe_that_can_be_used(add_run: Callable) -> None:
    path = add_run(3)
    card = configuration_card(path.parent)
    recipe = Recipe.model_validate(yaml.safe_load(card.split("```yaml")[1].split("```")[0]))
    own = Recipe.model_validate(yaml.safe_load((path / "recipe.yaml").read_text()))
    assert recipe.seed == 0 and recipe.data.root is None and recipe.data.cache is None
    assert (recipe.model, recipe.training, recipe.features) == (
        own.model,
        own.training,
        own.features,
    )
    assert str(path.parents[1]) not in card


def test_runs_of_different_settings_have_no_common_card(add_run: Callable) -> None:
    path = add_run(0)
    add_run(1, training={"label_smoothing": 0.1})
    with pytest.raises(RunError, match=r"differs from fold1_seed0 in training.label_smoothing"):
        configuration_card(path.parent)


def test_a_run_of_another_name_is_refused(add_run: Callable) -> None:
    path = add_run(0)
    path.rename(path.with_name("fold2_seed0"))
    with pytest.raises(RunError, match="fold2_seed0: is of fold 1 and seed 0"):
        configuration_card(path.parent)


def test_a_folder_without_runs(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no evaluated run foldN_seedN — give OUT/CONFIGURATION"):
        configuration_card(tmp_path)
