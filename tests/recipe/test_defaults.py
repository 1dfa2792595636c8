from typing import Any

from dssd_tf.recipe import Recipe, default_settings


def _at(values: dict[str, Any], key: str) -> Any:
    for part in key.split("."):
        values = values[part]
    return values


def test_a_recipe_without_settings_has_the_defaults() -> None:
    values, defaults = Recipe(name="x").model_dump(mode="json"), default_settings()
    present = {key: value for key, value in defaults.items() if not key.startswith("distillation.")}
    assert len(present) > 50 and "name" not in defaults
    for key, value in present.items():
        if not any(other.startswith(f"{key}.") for other in present):
            assert _at(values, key) == value, key


def test_a_section_that_is_absent_by_default_has_its_own() -> None:
    defaults = default_settings()
    assert defaults["distillation"] is None
    assert defaults["distillation.temperature"] == 1.0
    assert defaults["distillation.schedule.name"] == "constant"
    assert defaults["distillation.teachers"] == []
