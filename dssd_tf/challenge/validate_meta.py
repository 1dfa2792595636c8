"""Checks of a meta file: keys, types, authors, label."""

from collections.abc import Mapping, Sequence
from typing import Any

from dssd_tf.challenge.edition import Edition
from dssd_tf.challenge.entry import ADDRESS
from dssd_tf.challenge.fault import Fault, show
from dssd_tf.challenge.validate_results import LARGEST_COUNT, check_complexity, check_results
from dssd_tf.config_errors import nearest
from dssd_tf.safe_yaml import UnsafeYamlError, load_yaml

# A meta file takes under 20,000; YAML is slow to read.
MAX_META_BYTES = 65_536
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
    labels: Sequence[str],
    edition: Edition,
    classes: Sequence[str] | None,
    *,
    official: bool,
) -> list[Fault]:
    """Every fault of a meta file.

    Args:
        file: The file's name, for the faults.
        data: Its bytes.
        labels: The label of its folder, and that of the file where it is another; either will
            do, as the difference is told already.
        edition: The rules.
        classes: The classes of the data; None for the edition's own.
        official: Whether the results are those of the official data, which has every device.
    """
    if len(data) > MAX_META_BYTES:
        found, most = f"{len(data)} bytes", f"at most {MAX_META_BYTES} bytes"
        return [Fault(file, None, "size", found, most, f"holds {found}, {most} are read")]
    try:
        meta = load_yaml(data)
    except UnsafeYamlError as error:
        mark = getattr(error.__cause__, "problem_mark", None)
        row = None if mark is None else mark.line + 1
        reason = str(error).replace(' in "<unicode string>"', "")
        return [Fault(file, row, "yaml", "", "a plain YAML file", reason)]
    general = _check_tree(file, meta, edition.meta.keys.value, "", set(edition.meta.nullable.value))
    if not isinstance(meta, Mapping):
        return general
    faults = _check_submission(file, meta.get("submission"), labels, edition)
    faults += check_complexity(file, _at(meta, "system.complexity"), edition)
    groups = _at(meta, "results.development_dataset")
    faults += check_results(file, groups, edition, classes, official=official)
    # Where a value has a fault of its own kind, that of its type only repeats it.
    told = {fault.field for fault in faults}
    return [fault for fault in general if fault.field not in told] + faults


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
    if not 0 <= value < LARGEST_COUNT:
        return False
    return kind != "count" or float(value).is_integer()


def _type_fault(file: str, path: str, value: Any, expected: str) -> Fault:
    if value is None or value == "":
        found = what = "null" if value is None else "empty"
    else:
        found, what = show(value), f"{show(value)} ({type(value).__name__})"
    message = f"is {what}, not {expected}"
    if isinstance(value, int | float) and value >= LARGEST_COUNT:
        message = f"is {found}, which is too large"
    return Fault(file, None, path, found, expected, message)


def _check_submission(
    file: str, value: Any, labels: Sequence[str], edition: Edition
) -> list[Fault]:
    if not isinstance(value, Mapping):
        return []
    faults = []
    label = value.get("label")
    if isinstance(label, str) and label.strip() and label not in labels:
        message = f"'{show(label)}' differs from the folder's '{show(labels[0])}'"
        faults.append(Fault(file, None, "submission.label", label, labels[0], message))
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
    count, unclear = 0, False
    for i, author in enumerate(authors):
        mark = author.get("corresponding", False) if isinstance(author, Mapping) else False
        address = author.get("email") if isinstance(author, Mapping) else None
        if isinstance(address, str) and address.strip() and not ADDRESS.fullmatch(address):
            message = f"'{show(address)}' is no e-mail address"
            path = f"{key}.{i}.email"
            faults.append(Fault(file, None, path, show(address), "name@host.domain", message))
        if mark is not None and not isinstance(mark, bool):
            faults.append(_type_fault(file, f"{key}.{i}.corresponding", mark, "true or false"))
            unclear = True
        count += mark is True
    if count != 1 and not unclear:
        message = f"{count} corresponding authors, not exactly one"
        faults.append(Fault(file, None, f"{key}.corresponding", str(count), "1", message))
    return faults


def _at(tree: Mapping[str, Any], path: str) -> Any:
    value: Any = tree
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
