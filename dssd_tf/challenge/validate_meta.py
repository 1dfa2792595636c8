"""Checks of a meta file: keys, types, authors, label."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dssd_tf.challenge.edition import Edition
from dssd_tf.challenge.fault import Fault, show
from dssd_tf.challenge.label import parse_label
from dssd_tf.challenge.validate_results import check_complexity, check_results
from dssd_tf.config_errors import nearest
from dssd_tf.safe_yaml import UnsafeYamlError, load_yaml

_TYPES = {
    "text": "text",
    "scalar": "text or a number",
    "number": "a number of at least 0",
    "count": "a whole number of at least 0",
    "groups": "result groups",
}


def check_meta(
    file: str,
    data: bytes,
    folder: str,
    edition: Edition,
    classes: Sequence[str] | None,
    *,
    official: bool,
) -> list[Fault]:
    """Every fault of a meta file.

    Args:
        file: The file's name, for the faults.
        data: Its bytes.
        folder: The label that its folder carries.
        edition: The rules.
        classes: The classes of the data; None for the edition's own.
        official: Whether the results are those of the official data, which has every device.
    """
    try:
        meta = load_yaml(data)
    except UnsafeYamlError as error:
        return [Fault(file, None, "yaml", "", "a plain YAML file", str(error))]
    faults = _check_tree(file, meta, edition.meta.keys.value, "", set(edition.meta.nullable.value))
    if isinstance(meta, Mapping):
        faults += _check_submission(file, meta.get("submission"), folder, edition)
        faults += check_complexity(file, _at(meta, "system.complexity"), edition)
        groups = _at(meta, "results.development_dataset")
        faults += check_results(file, groups, edition, classes, official=official)
    return faults


def _check_tree(file: str, value: Any, shape: Any, path: str, nullable: set[str]) -> list[Fault]:
    """Compare a value with the required shape, in depth."""
    if value is None and path in nullable:
        return []
    if isinstance(shape, Mapping):
        return _check_mapping(file, value, shape, path, nullable)
    if isinstance(shape, list):
        if not isinstance(value, list) or not value:
            return [_type_fault(file, path, value, "a list with at least one item")]
        parts = [
            _check_tree(file, item, shape[0], f"{path}.{i}", nullable)
            for i, item in enumerate(value)
        ]
        return [fault for part in parts for fault in part]
    return [] if _has_type(value, shape) else [_type_fault(file, path, value, _TYPES[shape])]


def _check_mapping(
    file: str, value: Any, shape: Mapping[str, Any], path: str, nullable: set[str]
) -> list[Fault]:
    if not isinstance(value, Mapping):
        return [_type_fault(file, path or "the file", value, f"keys {', '.join(shape)}")]
    faults = []
    for key, inner in shape.items():
        dotted = f"{path}.{key}" if path else key
        if key in value:
            faults += _check_tree(file, value[key], inner, dotted, nullable)
        else:
            others = [str(other) for other in value if other not in shape]
            hint = nearest(key, others).replace("did you mean", "is it")
            faults.append(Fault(file, None, dotted, "", f"the key {key}", f"is missing{hint}"))
    return faults


def _has_type(value: Any, kind: str) -> bool:
    if kind == "text":
        return isinstance(value, str) and bool(value.strip())
    if kind == "groups":
        return isinstance(value, Mapping)
    if isinstance(value, str):
        return kind == "scalar" and bool(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if not 0 <= value < math.inf:
        return False
    return kind != "count" or float(value).is_integer()


def _type_fault(file: str, path: str, value: Any, expected: str) -> Fault:
    message = f"is {show(value)} ({type(value).__name__}), not {expected}"
    return Fault(file, None, path, show(value), expected, message)


def _check_submission(file: str, value: Any, folder: str, edition: Edition) -> list[Fault]:
    if not isinstance(value, Mapping):
        return []
    faults = []
    label = value.get("label")
    if isinstance(label, str) and label.strip():
        key = "submission.label"
        try:
            parse_label(label, edition.task_label.value, edition.systems.value)
        except ValueError as error:
            faults.append(Fault(file, None, key, show(label), folder, f"the label {error}"))
        if label != folder:
            message = f"'{show(label)}' differs from the folder's '{show(folder)}'"
            faults.append(Fault(file, None, key, show(label), folder, message))
    short = value.get("abbreviation")
    longest = edition.meta.abbreviation_length.value
    if isinstance(short, str) and len(short) > longest:
        message = f"'{show(short)}' has {len(short)} characters, at most {longest}"
        expected = f"at most {longest} characters"
        faults.append(Fault(file, None, "submission.abbreviation", show(short), expected, message))
    return faults + _check_authors(file, value.get("authors"))


def _check_authors(file: str, authors: Any) -> list[Fault]:
    if not isinstance(authors, list) or not authors:
        return []
    key = "submission.authors"
    faults = []
    count = 0
    for i, author in enumerate(authors):
        mark = author.get("corresponding", False) if isinstance(author, Mapping) else False
        if mark is not None and not isinstance(mark, bool):
            faults.append(_type_fault(file, f"{key}.{i}.corresponding", mark, "true or false"))
        count += mark is True
    if count != 1:
        message = f"{count} corresponding authors, not exactly one"
        faults.append(Fault(file, None, f"{key}.corresponding", str(count), "1", message))
    return faults


def _at(tree: Mapping[str, Any], path: str) -> Any:
    value: Any = tree
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
