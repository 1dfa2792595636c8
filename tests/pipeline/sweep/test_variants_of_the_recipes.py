from pathlib import Path

import pytest

from dssd_tf.models import create_model, list_models, model_config
from dssd_tf.pipeline.sweep import sweep_points
from dssd_tf.pipeline.sweep.points import read_variants
from dssd_tf.recipe import Recipe
from dssd_tf.recipe.loading import load_recipe

TEACHERS_AND_LONG_CLIPS = {"cp_resnet_wide", "dssdn_paper_scale"}


def _recipes(repository: Path, name: str) -> dict[str, Recipe]:
    folder = repository / "recipes" / "esc10"
    points = sweep_points({}, read_variants([folder / "variants" / f"{name}.yaml"]), [1], [0])
    return {
        point.configuration: load_recipe(
            folder / "protocol.yaml", overrides=point.overrides(Path("runs"))
        )
        for point in points
    }


def test_every_network_of_the_registry_is_compared(repository: Path) -> None:
    recipes = _recipes(repository, "networks")
    fixtures = {name for name in list_models() if name.endswith("_for_tests")}
    assert set(recipes) == set(list_models()) - TEACHERS_AND_LONG_CLIPS - fixtures
    assert all(recipe.model.name == name for name, recipe in recipes.items())


def test_every_part_changes_the_recipe(repository: Path) -> None:
    recipes = _recipes(repository, "parts")
    base = recipes.pop("residual_dssdn_f")
    assert base == load_recipe(
        repository / "recipes/esc10/protocol.yaml", overrides=["data.fold=1", "seed=0"]
    )
    assert len(set(map(repr, [base, *recipes.values()]))) == len(recipes) + 1


def test_parts_that_are_networks_are_the_same_runs(repository: Path) -> None:
    parts, networks = _recipes(repository, "parts"), _recipes(repository, "networks")
    shared = parts.keys() & networks.keys()
    assert shared == {"residual_dssdn_f", "residual_dssdn_sf", "dssdn_large"}
    assert all(parts[name] == networks[name] for name in shared)


def test_teachers_are_networks_of_the_comparison_on_the_same_fold(repository: Path) -> None:
    networks = _recipes(repository, "networks")
    for recipe in _recipes(repository, "distilled").values():
        assert recipe.distillation is not None
        for teacher in recipe.distillation.teachers:
            assert teacher.parent.name in networks
            assert teacher.name == "fold1_seed0"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["networks", "authors", "parts", "distilled"])
def test_every_network_can_be_built_on_its_front_end(repository: Path, name: str) -> None:
    for recipe in _recipes(repository, name).values():
        shape = recipe.features.shape(recipe.features.sampling_rate)
        model = create_model(recipe.model.name, input_shape=shape, classes=10)
        assert model.output_shape == (None, 10)


def test_the_peers_recipes_have_the_front_end_of_their_authors(repository: Path) -> None:
    for name, recipe in _recipes(repository, "authors").items():
        own = model_config(recipe.model.name)
        assert name == f"{own.name}_authors"
        assert not recipe.features.band_centred and not recipe.features.deltas
        if own.features is not None and own.name != "cp_mobile":
            given = recipe.features.model_dump()
            assert {key: given[key] for key in own.features} == own.features
