"""Which runs a sweep has."""

import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dssd_tf.errors import RecipeError
from dssd_tf.recipe.loading import read_yaml
from dssd_tf.safe_yaml import UnsafeYamlError, load_yaml

_LONGEST_NAME = 80


@dataclass(frozen=True)
class Point:
    """One run of a sweep.

    Args:
        configuration: Names what is compared; the runs of other folds and seeds share it.
        settings: Settings laid over the recipe, by dotted key; without fold and seed.
        fold: Of the data.
        seed: Of the recipe.
    """

    configuration: str
    settings: Mapping[str, Any]
    fold: int
    seed: int

    @property
    def name(self) -> str:
        """The run's folder."""
        return f"{self.configuration}/fold{self.fold}_seed{self.seed}"

    def overrides(self, out: Path) -> list[str]:
        """As `--set` takes them.

        In texts, `{fold}`, `{seed}` and `{out}`, the sweep's folder, are filled in: a student's
        teachers are those of its own fold.
        """
        places = {"{fold}": str(self.fold), "{seed}": str(self.seed), "{out}": str(out.resolve())}
        every = {**self.settings, "data.fold": self.fold, "seed": self.seed}
        return [f"{key}={_as_yaml(_filled(value, places))}" for key, value in every.items()]


def sweep_points(
    grid: Mapping[str, Sequence[Any]],
    variants: Mapping[str, Mapping[str, Any]],
    folds: Sequence[int],
    seeds: Sequence[int],
) -> list[Point]:
    """Every variant with every row of the grid, fold and seed.

    Seeds change slowest, then folds: a sweep that is stopped has whole sets of configurations.

    Args:
        grid: Values by dotted key; all combinations are run.
        variants: Named settings; without any, the recipe as it is.
        folds: Folds of the data.
        seeds: Seeds of the recipe.

    Raises:
        RecipeError: A key is in a variant and in the grid, or no fold or seed is left.
    """
    if not folds or not seeds:
        raise RecipeError("a sweep needs at least one fold and one seed")
    rows = [dict(zip(grid, row, strict=True)) for row in itertools.product(*grid.values())]
    configurations = {}
    for name, settings in (variants or {"": {}}).items():
        twice = sorted(set(settings) & set(grid))
        if twice:
            raise RecipeError(f"{twice[0]} is in variant {name!r} and in the grid")
        for row in rows:
            parts = [name, *(f"{key.rsplit('.', 1)[-1]}={_plain(v)}" for key, v in row.items())]
            configurations[_folder_name(parts)] = {**settings, **row}
    return [
        Point(name, settings, fold, seed)
        for seed in seeds
        for fold in folds
        for name, settings in configurations.items()
    ]


def read_variants(paths: Sequence[Path]) -> dict[str, dict[str, Any]]:
    """Named settings from YAML files: `name: {dotted.key: value, …}`.

    Raises:
        RecipeError: A file is missing, is not YAML or is of another form, or two name a variant
            alike.
    """
    variants: dict[str, dict[str, Any]] = {}
    for path in paths:
        found = _read_variants(path)
        if twice := sorted(set(found) & set(variants)):
            raise RecipeError(f"names variant {twice[0]!r}, which another file has", path=path)
        variants |= found
    return variants


def _read_variants(path: Path) -> dict[str, dict[str, Any]]:
    found = read_yaml(path)
    if not isinstance(found, dict) or not found:
        raise RecipeError("must name variants, each a mapping of settings", path=path)
    for name, settings in found.items():
        if not isinstance(settings, dict) or not all(isinstance(key, str) for key in settings):
            raise RecipeError(
                f"variant {name!r} must be a mapping of dotted keys to values, found {settings!r}",
                path=path,
            )
        if _folder_name([str(name)]) != str(name):
            raise RecipeError(
                f"variant {name!r} cannot name a folder",
                path=path,
                fix="use letters, digits and . _ = + -",
            )
    return {str(name): dict(settings) for name, settings in found.items()}


def parse_grid(texts: Sequence[str]) -> dict[str, list[Any]]:
    """`a.b=1,2` as values by key; commas inside brackets separate nothing.

    Raises:
        RecipeError: A text is not of that form, or a key is given twice.
    """
    grid: dict[str, list[Any]] = {}
    for text in texts:
        key, equals, values = text.partition("=")
        if not equals or not all(key.split(".")) or not values:
            raise RecipeError(f"--grid {text!r} is not of the form a.b=value,value")
        if key in grid:
            raise RecipeError(f"--grid {key} is given twice", fix="give all its values at once")
        try:
            grid[key] = load_yaml(f"[{values}]".encode())
        except UnsafeYamlError as error:
            raise RecipeError(f"--grid {key}: {values!r} {error}") from error
    return grid


def _folder_name(parts: Sequence[str]) -> str:
    name = "_".join(part for part in parts if part) or "recipe"
    name = re.sub(r"[^A-Za-z0-9._=+-]+", "-", name).strip("-.")
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - 9]}-{digest}"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "+".join(f"{key}={_plain(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "+".join(map(_plain, value)) or "none"
    return "null" if value is None else str(value)


def _filled(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for place, text in places.items():
            value = value.replace(place, text)
        return value
    if isinstance(value, Mapping):
        return {key: _filled(part, places) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(part, places) for part in value]
    return value


def _as_yaml(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10**6)
    return text.removesuffix("\n...\n").rstrip("\n")
