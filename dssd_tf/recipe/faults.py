"""All that is wrong with a recipe by itself, found without loading Keras."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dssd_tf.challenge import list_editions
from dssd_tf.config_errors import choice
from dssd_tf.errors import RecipeError
from dssd_tf.recipe.loading import read_values, schema_faults
from dssd_tf.recipe.networks import known_networks
from dssd_tf.recipe.schema import Recipe


def recipe_faults(path: Path, overrides: Sequence[str] = ()) -> list[RecipeError]:
    """Faults of keys and values, and names that stand for nothing, each with file and key.

    Args:
        path: The YAML file.
        overrides: As for `load_recipe`.

    Raises:
        RecipeError: The file is missing or is not YAML, so that nothing in it can be checked.
    """
    values = read_values(path, overrides)
    faults = []
    try:
        Recipe.model_validate(values)
    except ValidationError as error:
        faults += schema_faults(error, path)
    name = _value(values, "model", "name")
    if isinstance(name, str) and name not in known_networks():
        fix = choice(name, known_networks())
        faults.append(RecipeError(f"model.name: unknown model {name!r}", path=path, fix=fix))
    year, known = _value(values, "challenge", "edition"), list_editions()
    if str(year).isdecimal() and int(year) not in known:
        fix = f"choose one of {', '.join(map(str, known))}, or null for none"
        problem = f"challenge.edition: unknown edition {year}"
        faults.append(RecipeError(problem, path=path, fix=fix))
    return faults


def _value(values: dict[str, Any], section: str, key: str) -> Any:
    part = values.get(section)
    return part.get(key) if isinstance(part, dict) else None
