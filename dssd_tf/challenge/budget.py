"""The edition's limits held against what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dssd_tf.challenge.edition import EditionLimits
from dssd_tf.challenge.measures import measured, model_table
from dssd_tf.errors import PackageError

# Biases and shape constants are int32 in a file that counts as int8.
_INT8_DTYPES = {"int8", "int32"}


@dataclass(frozen=True)
class BudgetCheck:
    """One limit and how the system stands to it.

    Args:
        name: The limit's name.
        measured: What was counted, in `unit`.
        limit: The largest allowed value.
        unit: What is counted.
        counter: The rule of counting.
        passed: Whether `measured` is at most `limit`.
        headroom_percent: What is left of the limit, in percent of it; negative when over.
    """

    name: str
    measured: float
    limit: float
    unit: str
    counter: str
    passed: bool
    headroom_percent: float


def check_budget(edition: EditionLimits, complexity: Mapping[str, Any]) -> list[BudgetCheck]:
    """Hold each limit of the edition against the measured complexity.

    Args:
        edition: The rules.
        complexity: `{float: C, int8: C}`, int8 absent or null for a float system; C maps
            `parameters`, `size_bytes`, `macs_torchinfo`, `macs_nessi_tflite`, … to numbers, and
            for int8 `dtypes` to the list of types of its constants.

    Raises:
        PackageError: A measure that a limit needs is missing; it is never taken for passed.
    """
    checks = []
    for limit in edition.limits:
        purpose = f"the {edition.year} {limit.name} limit"
        value = measured(complexity, limit.model, limit.measure, purpose)
        checks.append(
            BudgetCheck(
                name=limit.name,
                measured=value,
                limit=limit.value,
                unit=limit.unit,
                counter=limit.counter,
                passed=value <= limit.value,
                headroom_percent=100.0 * (limit.value - value) / limit.value,
            )
        )
    if edition.weights is not None:
        checks.append(_check_weights(edition, complexity))
    return checks


def _check_weights(edition: EditionLimits, complexity: Mapping[str, Any]) -> BudgetCheck:
    """Whether the int8 model's constants are all int8 (int32 for biases and shapes)."""
    purpose = f"the {edition.year} rule that all weights are int8"
    _, table = model_table(complexity, "int8", purpose)
    dtypes = table.get("dtypes")
    if not dtypes or isinstance(dtypes, str):
        raise PackageError(
            f"{purpose} needs 'dtypes' of the int8 model, found {dtypes!r}",
            fix="measure the complexity of the run again",
        )
    others = sorted({str(dtype) for dtype in dtypes} - _INT8_DTYPES)
    return BudgetCheck(
        name="weights",
        measured=len(others),
        limit=0,
        unit="other dtypes" + (f" ({', '.join(others)})" if others else ""),
        counter="constants by dtype",
        passed=not others,
        headroom_percent=0.0 if not others else -100.0 * len(others),
    )
