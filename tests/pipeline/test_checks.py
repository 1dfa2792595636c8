from pathlib import Path

import pytest

from dssd_tf.errors import ModelError, RecipeError
from dssd_tf.pipeline import run_recipe
from dssd_tf.pipeline.checks import check_deployment, check_recipe
from dssd_tf.recipe import Recipe

SMALL = {
    "features": {"n_mels": 32, "hop_length": 4096},
    "model": {"name": "dsmn_s", "options": {"pattern": "SS", "widths": [8, 8]}},
}


def _recipe(**changes: object) -> Recipe:
    return Recipe.model_validate({"name": "check", **SMALL, **changes})


def _faults(recipe: Recipe) -> list[str]:
    return [str(fault) for fault in check_recipe(recipe, 10, Path("r.yaml"))]


def test_a_good_recipe_passes() -> None:
    assert _faults(_recipe()) == []


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ({"name": "dsmn_z"}, "did you mean dsmn_s"),
        ({"name": "dsmn_s", "options": {"patern": "SF"}}, "patern"),
        ({"name": "dsmn_s", "options": {"pattern": "SFX"}}, "SFX"),
        ({"name": "dsmn_s", "options": {"pattern": "SF", "widths": [8]}}, "same length"),
    ],
)
def test_a_wrong_model_fails_before_the_folder_and_features_are_made(
    tmp_path: Path, synthetic_set: Path, model: dict[str, object], reason: str
) -> None:
    data = {"root": str(synthetic_set)}
    with pytest.raises(ModelError, match=reason):
        run_recipe(_recipe(model=model, data=data), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_does_not_fit_the_features_is_refused() -> None:
    (fault,) = _faults(_recipe(features={"n_mels": 33, "hop_length": 4096}))
    assert fault.startswith("r.yaml: model: model 'dsmn_s' cannot be built")
    assert "frequency axis" in fault


def test_an_unknown_edition_is_refused() -> None:
    (fault,) = _faults(_recipe(challenge={"edition": 1999}))
    assert fault.startswith("r.yaml: challenge: unknown edition 1999")


def test_an_address_that_the_edition_needs_is_missed_before_anything_is_computed(
    repository: Path,
) -> None:
    entry = str(repository / "submissions" / "example" / "entry.yaml")
    assert _faults(_recipe(challenge={"edition": 2023, "entry": entry})) == []
    (fault,) = _faults(_recipe(challenge={"edition": 2025, "entry": entry}))
    assert "2025 meta file needs inference_code" in fault


def test_a_missing_entry_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    entry = tmp_path / "entry.yaml"
    (fault,) = _faults(_recipe(challenge={"edition": 2022, "entry": str(entry)}))
    assert fault.startswith(f"r.yaml: challenge: {entry}: ")


def test_faults_of_network_and_edition_are_told_together() -> None:
    options = {"name": "dsmn_s", "options": {"patern": "SF"}}
    network, edition = _faults(_recipe(model=options, challenge={"edition": 1999}))
    assert "patern" in network
    assert "1999" in edition


def _deploys(method: str, edition: int | None) -> Recipe:
    return _recipe(quantization={"method": method}, challenge={"edition": edition})


@pytest.mark.parametrize("method", ["none", "float16"])
def test_an_edition_that_judges_int8_refuses_a_recipe_without_it_at_once(
    tmp_path: Path, synthetic_set: Path, method: str
) -> None:
    told = rf"edition 2022 judges an int8 model, but quantization\.method is {method}"
    with pytest.raises(RecipeError, match=told):
        check_deployment(_deploys(method, 2022))
    recipe = _deploys(method, 2022).model_copy(
        update={
            "data": Recipe.model_validate(
                {"name": "check", **SMALL, "data": {"root": str(synthetic_set)}}
            ).data
        }
    )
    with pytest.raises(RecipeError, match=told):
        run_recipe(recipe, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("method", "edition"),
    [("ptq", 2022), ("qat", 2022), ("none", 2024), ("float16", 2024), ("none", None)],
)
def test_other_recipes_give_what_their_edition_judges(method: str, edition: int | None) -> None:
    check_deployment(_deploys(method, edition))
