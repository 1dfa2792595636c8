"""The meta file of a system, filled from the entry and from what was measured."""

import math
from collections.abc import Mapping
from typing import Any

import yaml

from dssd_tf.challenge.edition import Edition, Measure
from dssd_tf.challenge.entry import Entry, SystemEntry
from dssd_tf.challenge.label import Label
from dssd_tf.challenge.measures import measured
from dssd_tf.challenge.system_result import SystemResult
from dssd_tf.errors import PackageError


def build_meta(
    edition: Edition, label: Label, entry: Entry, system: SystemEntry, result: SystemResult
) -> dict[str, Any]:
    """The tree of the meta file.

    Accuracies become percent; devices and classes without a measured value are left out.

    Raises:
        PackageError: A text the edition requires is in neither entry nor recipe, or a measure
            or the metrics of a result group are missing.
    """
    groups = {group: _results(result, group) for group in edition.result_groups}
    keys = edition.meta.keys.value["system"]
    return {
        "submission": {
            "label": str(label),
            "name": system.name,
            "abbreviation": system.abbreviation,
            "authors": [_without_none(author.model_dump()) for author in entry.authors],
        },
        "system": {
            "description": _description(edition, system, result.recipe),
            "complexity": {
                key: _counted(result, how, f"system.complexity.{key}")
                for key, how in edition.meta.complexity.items()
            },
            **_energy(keys, result),
            "external_datasets": [item.model_dump() for item in entry.external_datasets or ()]
            or None,
            **addresses(edition, entry),
        },
        "results": {"development_dataset": groups.get(None, groups)},
    }


def addresses(edition: Edition, entry: Entry) -> dict[str, str | None]:
    """The entry's addresses of code that the edition's meta file has, by key.

    Raises:
        PackageError: The edition needs one that the entry leaves out.
    """
    keys = edition.meta.keys.value["system"]
    given = {"inference_code": entry.inference_code, "source_code": entry.source_code}
    found = {key: address for key, address in given.items() if key in keys}
    for key, address in found.items():
        if address is None and f"system.{key}" not in edition.meta.nullable.value:
            raise PackageError(
                f"the {edition.year} meta file needs {key}", fix=f"set '{key}' in the entry"
            )
    return found


def format_meta(meta: Mapping[str, Any]) -> bytes:
    """The meta file's bytes: UTF-8 YAML, keys in the order of the template."""
    text = yaml.safe_dump(dict(meta), sort_keys=False, allow_unicode=True, width=100)
    return text.encode("utf-8")


def _counted(result: SystemResult, how: Measure, purpose: str) -> int | float:
    count = measured(result.complexity, how.model, how.measure, purpose)
    return count if how.per == 1 else round(count / how.per, 3)


def _energy(keys: Mapping[str, Any], result: SystemResult) -> dict[str, Any]:
    if "energy_consumption" not in keys:
        return {}
    return {
        "energy_consumption": {part: result.energy.get(part) for part in keys["energy_consumption"]}
    }


def _description(
    edition: Edition, system: SystemEntry, recipe: Mapping[str, Any]
) -> dict[str, Any]:
    said = system.description.model_dump()
    values, missing = {}, []
    for key in edition.meta.keys.value["system"]["description"]:
        value = said.get(key)
        if value is None:
            value = recipe.get(key)
        if value is None and f"system.description.{key}" not in edition.meta.nullable.value:
            missing.append(key)
        values[key] = value
    if missing:
        where = [f"systems.description.{key}" for key in missing if key in said]
        fix = f"set {', '.join(where)} in the entry" if where else "describe them in the recipe"
        raise PackageError(
            f"the {edition.year} meta file needs {', '.join(missing)}, given by neither entry nor "
            "recipe",
            fix=fix,
        )
    return values


def _results(result: SystemResult, group: str | None) -> dict[str, Any]:
    metrics = result.results[group]
    where = "metrics" if group is None else f"metrics of {group}"
    overall = {"accuracy": metrics.get("macro_accuracy"), "log_loss": metrics.get("log_loss")}
    if (whole := _scores(overall)) is None:
        raise PackageError(
            f"the {where} lack macro_accuracy or log_loss", fix="evaluate the run again"
        )
    return {
        "overall": whole,
        "class_wise": _table(metrics.get("class_wise")),
        "device_wise": _table(metrics.get("device_wise")),
    }


def _table(rows: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Any]:
    scored = {str(name): _scores(row) for name, row in (rows or {}).items()}
    return {name: scores for name, scores in scored.items() if scores is not None}


def _scores(row: Mapping[str, Any]) -> dict[str, float] | None:
    """Accuracy in percent and log loss, or None where either was not measured."""
    accuracy, log_loss = row.get("accuracy"), row.get("log_loss")
    if accuracy is None or log_loss is None:
        return None
    if not (math.isfinite(accuracy) and math.isfinite(log_loss)):
        return None
    return {"accuracy": round(100.0 * float(accuracy), 6), "logloss": round(float(log_loss), 6)}


def _without_none(value: dict[str, Any]) -> dict[str, Any]:
    """Drop null keys (an author's department) at every level."""
    return {
        key: _without_none(item) if isinstance(item, dict) else item
        for key, item in value.items()
        if item is not None
    }
