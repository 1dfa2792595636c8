"""Reading recipes: one level of `extends`, overrides, every error at once."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from dssd_tf.config_errors import list_errors
from dssd_tf.errors import RecipeError, RecipeFaults
from dssd_tf.recipe.schema import Recipe
from dssd_tf.safe_yaml import NoTextError, UnsafeYamlError, load_yaml

_SEE = "see the folder recipes/"
_WITHOUT_EFFECT = {"data.workers"}
_PATHS = (
    ("data", "root"),
    ("data", "cache"),
    ("model", "weights"),
    ("distillation", "bank"),
    ("challenge", "entry"),
)


def load_recipe(path: Path | str, overrides: Sequence[str] = ()) -> Recipe:
    """Read and check a recipe.

    Relative paths in the file are relative to its folder, those in `overrides` to the current
    one. With `extends: other.yaml` the file's keys are laid over those of the other file, key
    by key; lists are replaced. The other file may not extend a third.

    Args:
        path: The YAML file.
        overrides: Settings `a.b=value`, each value read as YAML; applied last.

    Raises:
        RecipeError: The file is missing, is not YAML, or does not follow the schema: a line
            an error, with its dotted path and the nearest valid name.
    """
    path = Path(path)
    values = read_values(path, overrides)
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        raise one_error(schema_faults(error, path)) from error


def schema_faults(error: ValidationError, path: Path) -> list[RecipeError]:
    """Every way in which a recipe breaks the schema, each with file and key."""
    return [RecipeError(told, path=path) for told in list_errors(error, Recipe)]


def one_error(faults: Sequence[RecipeError]) -> RecipeError:
    """The one of `faults`, or all of them as one error."""
    return faults[0] if len(faults) == 1 else RecipeFaults(faults)


def read_values(path: Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """The keys of a recipe, laid over those of the file that it extends, not checked.

    Args:
        path: The YAML file.
        overrides: See `load_recipe`.

    Raises:
        RecipeError: A file is missing or is not YAML, or an override is not of the form a.b=value.
    """
    values = _read(path)
    base_name = values.pop("extends", None)
    if base_name is not None:
        if not isinstance(base_name, str):
            raise RecipeError(f"extends: must be a file name, found {base_name!r}", path=path)
        base_path = path.parent / base_name
        base = _read(base_path)
        if "extends" in base:
            raise RecipeError(
                "is extended and extends another file itself",
                path=base_path,
                fix="only one level is allowed: copy the inner keys",
            )
        values = _merge(_anchored(base, base_path.parent), _anchored(values, path.parent))
    else:
        values = _anchored(values, path.parent)
    for text in overrides:
        values = _merge(values, _anchored(_override(text), Path.cwd()))
    return values


def parse_overrides(texts: Sequence[str]) -> dict[str, Any]:
    """Settings `a.b=value` as nested keys; of two for the same key the later one holds.

    Raises:
        RecipeError: A text is not of that form, or its value is not YAML.
    """
    values: dict[str, Any] = {}
    for text in texts:
        values = _merge(values, _override(text))
    return values


def dump_recipe(recipe: Recipe) -> str:
    """The recipe with every default written out, as YAML that `load_recipe` reads."""
    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def differing_keys(one: Recipe, other: Recipe) -> list[str]:
    """Dotted paths of the settings in which two recipes differ, but for those without effect."""
    first, second = (_flat(r.model_dump(mode="json")) for r in (one, other))
    return sorted(
        key
        for key in first.keys() | second.keys()
        if first.get(key) != second.get(key) and key not in _WITHOUT_EFFECT
    )


def tell_differences(there: Recipe, here: Recipe, most: int = 4) -> str:
    """The settings in which a run's recipe differs from the one that is given, with both values.

    Args:
        there: The run's.
        here: The one that is given.
        most: Settings that are told; the others are counted.
    """
    first, second = (_flat(r.model_dump(mode="json")) for r in (there, here))
    keys = differing_keys(there, here)
    told = [
        f"{key} is {_short(first.get(key))} there and {_short(second.get(key))} here"
        for key in keys[:most]
    ]
    more = [f"{len(keys) - most} more differ"] if len(keys) > most else []
    return "; ".join(told + more)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."


def read_yaml(path: Path, kind: str = "file of settings") -> Any:
    """What a file of settings holds.

    Args:
        path: The file.
        kind: What it should be, for messages.

    Raises:
        RecipeError: The file is missing, cannot be read or is not YAML.
    """
    try:
        return load_yaml(path.read_bytes())
    except IsADirectoryError as error:
        raise RecipeError("is a folder, not a file", path=path) from error
    except OSError as error:
        raise RecipeError(f"cannot be read ({error.strerror})", path=path) from error
    except NoTextError as error:
        raise RecipeError(f"is no {kind}: it {error}", path=path) from error
    except UnsafeYamlError as error:
        raise RecipeError(str(error), path=path) from error


def _read(path: Path) -> dict[str, Any]:
    if path.parent.is_dir() and not path.exists():
        raise RecipeError("no such recipe", path=path, fix=_SEE)
    values = read_yaml(path, "recipe")
    if not isinstance(values, dict):
        raise RecipeError(
            "is no recipe: it must be a mapping of keys to values", path=path, fix=_SEE
        )
    return values


def _override(text: str) -> dict[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not all(key.split(".")):
        raise RecipeError(f"--set {text!r} is not of the form a.b=value")
    try:
        parsed = load_yaml(value.encode())
    except UnsafeYamlError as error:
        raise RecipeError(f"--set {key}: {value!r} {error}") from error
    for part in reversed(key.split(".")):
        parsed = {part: parsed}
    return parsed


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        inner = merged.get(key)
        both = isinstance(inner, dict) and isinstance(value, dict)
        merged[key] = _merge(inner, value) if both else value  # type: ignore[arg-type]
    return merged


def _anchored(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Make the relative paths in `values` absolute."""
    for section, key in _PATHS:
        part = values.get(section)
        if isinstance(part, dict) and isinstance(part.get(key), str):
            part = {**part, key: str((folder / part[key]).resolve())}
            values = {**values, section: part}
    part = values.get("distillation")
    if isinstance(part, dict) and isinstance(part.get("teachers"), list):
        teachers = [
            str((folder / t).resolve()) if isinstance(t, str) else t for t in part["teachers"]
        ]
        values = {**values, "distillation": {**part, "teachers": teachers}}
    listed = values.get("augmentation")
    if isinstance(listed, list):
        values = {**values, "augmentation": [_anchored_folder(item, folder) for item in listed]}
    return values


def _anchored_folder(item: Any, folder: Path) -> Any:
    if isinstance(item, dict) and isinstance(item.get("folder"), str):
        return {**item, "folder": str((folder / item["folder"]).resolve())}
    return item


def _flat(values: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(values, dict) or not values:
        return {prefix: values}
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{prefix}.{key}" if prefix else str(key))
    return flat
