import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from dssd_tf.recipe import Recipe


@pytest.mark.slow
def test_check_accepts_every_recipe_of_the_repository(dssd: Callable, repository: Path) -> None:
    for path in sorted((repository / "recipes").rglob("*.yaml")):
        if path.parent.name == "variants":
            continue
        result = dssd("recipe", "check", path)
        assert result.code == 0, result.err
        assert result.err.endswith(f"{path}: valid\n")


def test_check_prints_the_recipe_with_settings_applied(
    dssd: Callable, write_recipe: Callable[..., Path], tmp_path: Path
) -> None:
    result = dssd(
        *("recipe", "check", write_recipe(), "--print", "--data", tmp_path),
        *("--set", "training.optimizer.learning_rate=2e-3", "--set", "data.fold=2"),
    )
    values = yaml.safe_load(result.out)
    assert values["training"]["optimizer"]["learning_rate"] == 0.002
    assert values["data"]["fold"] == 2
    assert values["data"]["root"] == str(tmp_path)


def test_check_tells_every_error(dssd: Callable, write_recipe: Callable[..., Path]) -> None:
    path = write_recipe(training={"epohcs": 5}, seed=-1)
    result = dssd("recipe", "check", path)
    assert result.code == 2
    seed, epochs = result.err.splitlines()
    assert seed.startswith(f"dssd: error: {path}: seed: ")
    assert epochs.startswith(f"dssd: error: {path}: training.epohcs: ")
    assert epochs.endswith("did you mean 'epochs'?")


def test_check_tells_the_network_the_edition_and_a_value_at_once(
    dssd: Callable, write_recipe: Callable[..., Path]
) -> None:
    path = write_recipe(model={"name": "residual_dssd_f", "options": {}})
    options = ("--set", "challenge.edition=2031", "--set", "quantization.method=ptqq")
    result = dssd("recipe", "check", path, *options)
    assert result.code == 2
    keys = [line.removeprefix(f"dssd: error: {path}: ") for line in result.err.splitlines()]
    assert [key.split(": ")[0] for key in keys] == [
        "quantization.method",
        "model.name",
        "challenge.edition",
    ]


def test_check_builds_the_network(dssd: Callable, write_recipe: Callable[..., Path]) -> None:
    result = dssd("recipe", "check", write_recipe(), "--set", "model.name=dsmn_q")
    assert result.code == 2
    assert "did you mean dsmn_" in result.line
    result = dssd("recipe", "check", write_recipe(), "--set", "model.options.patern=SF")
    assert result.code == 2
    assert "model: " in result.line
    assert "patern" in result.line
    result = dssd("recipe", "check", write_recipe(), "--set", "model.options.dropout=1e-1")
    assert result.code == 0


def test_a_bad_setting_is_told(dssd: Callable, write_recipe: Callable[..., Path]) -> None:
    result = dssd("recipe", "check", write_recipe(), "--set", "training.epochs")
    assert result.code == 2
    assert "is not of the form a.b=value" in result.line


def test_schema_is_json_and_has_every_section(dssd: Callable) -> None:
    result = dssd("recipe", "schema")
    assert result.code == 0
    assert set(json.loads(result.out)["properties"]) == set(Recipe.model_fields)
