"""The settings in which the recipes of several runs differ."""

from typing import Any

from dssd_tf.report.section import Missing
from dssd_tf.report.side_by_side.runs import Runs
from dssd_tf.report.side_by_side.short_paths import short_paths

_ABSENT = object()
_SECTION = object()


def settings(runs: Runs) -> dict[str, Any] | Missing:
    """A row a setting; one that a recipe lacks and the others have by default does not differ."""
    recipes = [_flat(run.recipe) for run in runs.by_name.values() if run.recipe is not None]
    if len(recipes) < len(runs.by_name):
        return Missing("a run has no recipe.yaml", ("dssd run RECIPE --out RUN",))
    rows = []
    for key in sorted({key for recipe in recipes for key in recipe}):
        values = [_value(recipe, key) for recipe in recipes]
        told = [value for value in values if value is not _ABSENT]
        by_default = key in runs.defaults and all(value == runs.defaults[key] for value in told)
        if len(told) < len(values) and by_default:
            continue
        shown = [_shown(value) for value in short_paths(values)]
        if len(set(shown)) > 1:
            rows.append({"key": key, "values": shown})
    return {"names": list(runs.by_name), "rows": rows}


def _value(recipe: dict[str, Any], key: str) -> Any:
    if key in recipe:
        return recipe[key]
    # A section that another recipe has as null.
    return _SECTION if any(name.startswith(f"{key}.") for name in recipe) else _ABSENT


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "–"
    if value is _SECTION:
        return "as below"
    return "null" if value is None else str(value)


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Settings by dotted key; an empty mapping has none."""
    if not isinstance(value, dict):
        return {path: value}
    found: dict[str, Any] = {}
    for key, item in value.items():
        found |= _flat(item, f"{path}.{key}" if path else str(key))
    return found
