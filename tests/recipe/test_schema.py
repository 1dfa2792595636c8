import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dssd_tf.recipe import ModelConfig, Recipe


def test_a_name_is_enough() -> None:
    recipe = Recipe(name="x")
    assert recipe.augmentation == ()
    assert recipe.data.root is None
    with pytest.raises(ValidationError, match="name"):
        Recipe.model_validate({})
    with pytest.raises(ValidationError, match="name"):
        Recipe(name="")


@pytest.mark.parametrize(
    "values",
    [
        {"seed": -1},
        {"seed": 2**31},
        {"training": {"epochs": 0}},
        {"training": {"optimizer": {"name": "rmsprop"}}},
        {"training": {"label_smoothing": 1.0}},
        {"data": {"classes": ["bus"]}},
        {"data": {"classes": ["bus", "bus"]}},
        {"data": {"validation_fraction": 1.0}},
        {"features": {"win_length": 8192}},
        {"features": {"fmin": 30000, "fmax": 20000}},
        {"augmentation": [{"name": "mixup", "alpha": 0}]},
        {"augmentation": [{"name": "cutmix"}]},
        {"quantization": {"method": "int4"}},
        {"unknown": 1},
    ],
)
def test_values_outside_the_rules_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Recipe.model_validate({"name": "x", **values})


def test_a_recipe_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Recipe(name="x").seed = 1  # type: ignore[misc]


def test_every_section_has_its_properties_in_the_json_schema() -> None:
    schema = json.loads(json.dumps(Recipe.model_json_schema()))
    assert set(schema["properties"]) == set(Recipe.model_fields)
    assert schema["required"] == ["name"]
    assert schema["additionalProperties"] is False
    for section in ("DataConfig", "LogMelConfig", "ModelConfig", "TrainingConfig", "Mixup"):
        assert schema["$defs"][section]["properties"]
        assert schema["$defs"][section]["additionalProperties"] is False


@settings(max_examples=30, deadline=None)
@given(mantissa=st.integers(-99, 99), exponent=st.integers(-9, 9))
def test_scientific_notation_without_a_point_is_a_number(mantissa: int, exponent: int) -> None:
    text = f"{mantissa}e{exponent}"
    options = ModelConfig(options={"dropout": text}).options
    assert options == {"dropout": float(text)}


def test_other_texts_among_the_options_stay_texts() -> None:
    options = {"pattern": "SF", "operator": "e3", "path": "1e3x", "bias": True}
    assert ModelConfig(options=options).options == options
