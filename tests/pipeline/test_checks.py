from pathlib import Path

import pytest

from dssd_tf.errors import ModelError, PackageError
from dssd_tf.pipeline import run_recipe
from dssd_tf.pipeline.checks import check_recipe
from dssd_tf.recipe import Recipe

SMALL = {
    "features": {"n_mels": 32, "hop_length": 4096},
    "model": {"name": "dsmn_s", "options": {"pattern": "SS", "widths": [8, 8]}},
}


def _recipe(**changes: object) -> Recipe:
    return Recipe.model_validate({"name": "check", **SMALL, **changes})


def test_a_good_recipe_passes() -> None:
    check_recipe(_recipe(), 10)


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
    with pytest.raises(ModelError, match="frequency axis"):
        check_recipe(_recipe(features={"n_mels": 33, "hop_length": 4096}), 10)


def test_an_unknown_edition_is_refused() -> None:
    with pytest.raises(PackageError, match="1999"):
        check_recipe(_recipe(challenge={"edition": 1999}), 10)


def test_a_missing_entry_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    entry = tmp_path / "entry.yaml"
    with pytest.raises(PackageError, match=r"entry\.yaml"):
        check_recipe(_recipe(challenge={"edition": 2022, "entry": str(entry)}), 10)
