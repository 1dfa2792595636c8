from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.errors import RecipeError
from dssd_tf.recipe.faults import recipe_faults


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., list[str]]:
    """The faults of a recipe, without the name of its file, which each begins with."""

    def tell(text: str, *overrides: str) -> list[str]:
        path = tmp_path / "recipe.yaml"
        path.write_text(text, encoding="utf-8")
        lines = [str(fault) for fault in recipe_faults(path, overrides)]
        assert all(line.startswith(f"{path}: ") for line in lines)
        return [line.removeprefix(f"{path}: ") for line in lines]

    return tell


def test_keys_values_network_and_edition_are_judged_together(told: Callable) -> None:
    key, value, network, edition = told(
        "name: bad\ntraning: {}\nquantization: {method: ptqq}\n"
        "model: {name: residual_dssd_f}\nchallenge: {edition: 2031}\n"
    )
    assert {key.partition(": ")[0], value.partition(": ")[0]} == {"traning", "quantization.method"}
    assert network.startswith(
        "model.name: unknown model 'residual_dssd_f' — did you mean residual_dssdn_f"
    )
    assert edition.startswith("challenge.edition: unknown edition 2031 — choose one of 2021, ")


@pytest.mark.parametrize(
    "text",
    [
        "name: good\n",
        "name: good\nmodel: {name: dsmn_s}\nchallenge: {edition: 2024}\n",
        "name: good\nchallenge: {edition: null}\n",
        "name: good\nchallenge: {edition: '2022'}\n",
    ],
)
def test_a_good_recipe_has_none(told: Callable, text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("name: x\nmodel: 5\n", "model"),
        ("name: x\nmodel: {name: 5}\n", "model.name"),
        ("name: x\nchallenge: [1]\n", "challenge"),
        ("name: x\nchallenge: {edition: soon}\n", "challenge.edition"),
    ],
)
def test_what_has_another_type_is_one_fault(told: Callable, text: str, key: str) -> None:
    (line,) = told(text)
    assert line.startswith(f"{key}: ")


def test_settings_given_beside_the_file_count(told: Callable) -> None:
    assert told("name: x\nmodel: {name: resnet}\n", "model.name=dsmn_s") == []
    (line,) = told("name: x\n", "model.name=zzz")
    assert line.startswith("model.name: unknown model 'zzz' — choose one of baseline_2022, ")


def test_a_file_that_is_no_mapping_is_refused(told: Callable) -> None:
    with pytest.raises(RecipeError, match="is no recipe"):
        told("[1]")
