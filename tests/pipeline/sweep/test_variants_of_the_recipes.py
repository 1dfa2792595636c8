from pathlib import Path

import pytest

from dssd_tf.models import create_model, list_models, model_config
from dssd_tf.pipeline.sweep import sweep_points
from dssd_tf.pipeline.sweep.points import read_variants
from dssd_tf.recipe import Recipe
from dssd_tf.recipe.loading import load_recipe

NOT_COMPARED = {"cp_resnet_wide", "dsmn_s_wide", "dssdn_paper_scale"}
"""A teacher, a network over the limits, one for long clips."""


def _recipes(
    repository: Path, name: str, *, of: str = "esc10", base: str = "protocol.yaml"
) -> dict[str, Recipe]:
    folder = repository / "recipes" / of
    points = sweep_points({}, read_variants([folder / "variants" / f"{name}.yaml"]), [1], [0])
    return {
        point.configuration: load_recipe(folder / base, overrides=point.overrides(Path("runs")))
        for point in points
    }


def test_every_network_of_the_registry_is_compared(repository: Path) -> None:
    recipes = _recipes(repository, "networks")
    fixtures = {name for name in list_models() if name.endswith("_for_tests")}
    assert set(recipes) == set(list_models()) - NOT_COMPARED - fixtures
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


@pytest.mark.parametrize("name", ["networks", "authors", "parts", "distilled"])
def test_recordings_at_44_khz_are_resampled_where_the_front_end_wants_it(
    repository: Path, name: str
) -> None:
    for recipe in _recipes(repository, name).values():
        same = recipe.features.sampling_rate == 44100
        assert same or recipe.data.audio.sampling_rate_mismatch == "resample"


def test_a_model_for_each_device_starts_from_the_general_one(repository: Path) -> None:
    given = {"of": "dcase2025", "base": "general.yaml"}
    general = _recipes(repository, "general", **given)
    assert list(general) == ["general"]
    found = _recipes(repository, "devices", **given)
    assert [recipe.data.train_devices for recipe in found.values()] == [
        (device,) for device in ("a", "b", "c", "s1", "s2", "s3")
    ]
    for recipe in found.values():
        weights = recipe.model.weights
        assert weights is not None
        assert weights.parts[-2:] == ("general", "fold1_seed0")
        assert recipe.data.split == 25 and recipe.training.epochs == 20


@pytest.mark.parametrize("base", ["baseline", "residual_dssdn_f"])
def test_all_splits_of_2024_have_the_same_steps_of_warm_up(repository: Path, base: str) -> None:
    name = "splits" if base == "baseline" else "splits_plain"
    found = _recipes(repository, name, of="dcase2024", base=f"{base}.yaml")
    assert [recipe.data.split for recipe in found.values()] == [5, 10, 25, 50, 100]
    clips = {5: 6980, 10: 13960, 25: 34900, 50: 69800, 100: 139620}
    for recipe in found.values():
        assert recipe.data.split is not None
        steps = clips[recipe.data.split] / recipe.training.batch_size
        if base == "baseline":
            assert steps * recipe.training.schedule.warmup_epochs == pytest.approx(2000, rel=0.03)


def test_the_ablation_teaches_every_student(repository: Path) -> None:
    given = {"of": "ablation", "base": "dssdn.yaml"}
    alone, distilled = (_recipes(repository, name, **given) for name in ("alone", "distilled"))
    assert alone.pop("teacher").model.name == "residual_dssdn_f"
    assert list(distilled) == [f"{name}_distilled" for name in alone]
    for own, taught in zip(alone.values(), distilled.values(), strict=True):
        assert own.model == taught.model and own.distillation is None
        assert taught.distillation is not None
        (teacher,) = taught.distillation.teachers
        assert teacher.parts[-2:] == ("teacher", "fold1_seed0")


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
