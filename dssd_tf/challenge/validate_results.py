"""Checks of the numbers in a meta file: limits, result groups, plausibility."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from dssd_tf.challenge.edition import Edition
from dssd_tf.challenge.fault import Fault, show
from dssd_tf.config_errors import nearest

# -ln of the clip 1e-15 that the challenge's log loss uses: no mean can be larger.
LARGEST_LOG_LOSS = 34.54
# Points of accuracy that rounding each class to a whole percent can move their mean.
MEAN_TOLERANCE = 1.0
# No counter gives fewer multiply-accumulates for one second of audio; such a value is in millions.
SMALLEST_MACS = 1000
LARGEST_COUNT = 1e15


def check_complexity(file: str, table: Any, edition: Edition) -> list[Fault]:
    """Faults of `system.complexity`: over a limit, or numbers that cannot be."""
    if not isinstance(table, Mapping):
        return []
    numbers = {
        key: value
        for key, value in table.items()
        if _is_number(value) and 0 <= value < LARGEST_COUNT
    }
    faults = []

    def add(key: str, expected: str, message: str) -> None:
        found = show(numbers[key])
        faults.append(Fault(file, None, f"system.complexity.{key}", found, expected, message))

    for limit in edition.limits:
        key, value = limit.meta_key, numbers.get(limit.meta_key)
        per = edition.meta.complexity[key].per
        if value is not None and value * per > limit.value:
            message = f"{value * per:,.15g} {limit.unit} is over the limit of {limit.value:,}"
            if per > 1:
                message += f"; {key} counts in units of {per:,} {limit.unit}"
            add(key, f"at most {limit.value / per:,.15g}", message)
    for key in ("total_parameters", "macs", "total_model_size", "model_size", "memory_use"):
        if numbers.get(key) == 0:
            add(key, "more than 0", "0 is not plausible")
    total = numbers.get("total_parameters")
    if total and numbers.get("total_parameters_non_zero", 0) > total:
        add("total_parameters_non_zero", f"at most {total}", f"is more than all {total} parameters")
    if 0 < numbers.get("macs", 0) < SMALLEST_MACS:
        add("macs", "a plain count", "looks like millions or thousands; write the plain count")
    size = numbers.get("total_model_size", 0)
    if total and 0 < size < total / 8:
        add("total_model_size", "bytes", f"is under one bit for each of {total} parameters")
    return faults


def check_results(
    file: str,
    groups: Any,
    edition: Edition,
    classes: Sequence[str] | None,
    *,
    official: bool,
) -> list[Fault]:
    """Faults of `results.development_dataset`.

    With the edition's own classes every class must be there, and for its official data every
    device; for other data only what is there is judged. Every result group must be there.
    """
    if not isinstance(groups, Mapping):
        return []
    root = "results.development_dataset"
    faults = []
    for name in edition.result_groups:
        path = root if name is None else f"{root}.{name}"
        group = groups if name is None else groups.get(name)
        if isinstance(group, Mapping):
            faults += _check_group(file, path, group, edition, classes, official)
        else:
            others = [str(other) for other in groups if other not in edition.result_groups]
            hint = nearest(str(name), others).replace("did you mean", "is it")
            message = f"the results of {name} are missing{hint}"
            faults.append(Fault(file, None, path, "", "a result group", message))
    return faults


def _check_group(
    file: str,
    path: str,
    group: Mapping[str, Any],
    edition: Edition,
    classes: Sequence[str] | None,
    official: bool,
) -> list[Fault]:
    overall = group.get("overall")
    faults = _check_scores(file, f"{path}.overall", overall, edition)
    accuracy = overall.get("accuracy") if isinstance(overall, Mapping) else None
    if _is_number(accuracy) and 0 < accuracy <= 1:
        message = f"{accuracy} looks like a fraction; write percent"
        key = f"{path}.overall.accuracy"
        faults.append(Fault(file, None, key, show(accuracy), "percent, 0 … 100", message))
        accuracy = None
    wanted = {
        "class_wise": list(classes) if classes is not None else edition.classes.value,
        "device_wise": edition.meta.devices.value,
    }
    complete = {"class_wise": edition.is_official(classes), "device_wise": official}
    for table, names in wanted.items():
        whole = complete[table]
        faults += _check_table(file, f"{path}.{table}", group.get(table), names, whole, edition)
    faults += _check_mean(file, path, accuracy, group.get("class_wise"), wanted["class_wise"])
    return faults


def _check_table(
    file: str, path: str, table: Any, names: Sequence[str], official: bool, edition: Edition
) -> list[Fault]:
    if table is None and not official:
        return []
    if not isinstance(table, Mapping):
        message = "is missing" if table is None else f"is {show(table)}, not a table of scores"
        return [Fault(file, None, path, show(table or ""), f"keys {', '.join(names)}", message)]
    faults = []
    for name in names if official else ():
        if name not in table:
            others = [str(other) for other in table if other not in names]
            message = f"is missing{nearest(name, others).replace('did you mean', 'is it')}"
            faults.append(Fault(file, None, f"{path}.{name}", "", "accuracy, logloss", message))
    for name, scores in table.items():
        faults += _check_scores(file, f"{path}.{name}", scores, edition)
    return faults


def _check_scores(file: str, path: str, scores: Any, edition: Edition) -> list[Fault]:
    if not isinstance(scores, Mapping):
        message = "is missing" if scores is None else f"is {show(scores)}, not two scores"
        return [Fault(file, None, path, show(scores or ""), "accuracy, logloss", message)]
    faults = []
    for key, most, unit in (
        ("accuracy", 100.0, "percent, 0 … 100"),
        ("logloss", LARGEST_LOG_LOSS, f"a natural log loss, 0 … {LARGEST_LOG_LOSS}"),
    ):
        value = scores.get(key)
        nullable = edition.meta.scores_nullable
        if key in scores and value is None and nullable is not None and nullable.value:
            continue
        if key not in scores:
            message = "is missing"
        elif value is None:
            message = "is null, not a number"
        elif not _is_number(value):
            message = f"is {show(value)} ({type(value).__name__}), not a number"
        elif not 0 <= value <= most:
            message = f"{show(value)} is out of range 0 … {most:g}"
        else:
            continue
        found = show(value) if value is not None else "null" if key in scores else ""
        faults.append(Fault(file, None, f"{path}.{key}", found, unit, message))
    return faults


def _check_mean(
    file: str, path: str, accuracy: Any, table: Any, names: Sequence[str]
) -> list[Fault]:
    """The challenge's accuracy is the mean over the classes; compare where all are given."""
    if not _is_number(accuracy) or not isinstance(table, Mapping) or not names:
        return []
    rows = [table.get(name) for name in names]
    values = [row.get("accuracy") if isinstance(row, Mapping) else None for row in rows]
    numbers = [value for value in values if _is_number(value) and 0 <= value <= 100]
    if len(numbers) < len(names) or not 0 <= accuracy <= 100:
        return []
    mean = math.fsum(numbers) / len(numbers)
    if abs(mean - accuracy) <= MEAN_TOLERANCE:
        return []
    message = f"{accuracy} is not the mean over the classes, {mean:.2f}"
    key = f"{path}.overall.accuracy"
    return [Fault(file, None, key, show(accuracy), f"{mean:.2f}", message)]


def _is_number(value: Any) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # An integer may be larger than any float.
    return isinstance(value, int) or math.isfinite(value)
