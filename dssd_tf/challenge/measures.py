"""One measure out of a complexity mapping, or an error that says what is missing and why."""

import math
from collections.abc import Mapping
from typing import Any

from dssd_tf.challenge.edition import Model
from dssd_tf.errors import PackageError
from dssd_tf.systems import SYSTEMS, deployed_system

_ABSENT = {
    "int8": ("there is no int8 model", "quantize the run, then measure it"),
    "float16": ("there is no float16 model", "quantize the run, then measure it"),
    "float": ("there is no float model", "measure the float model of the run"),
}


def measured(
    complexity: Mapping[str, Any], model: Model, measure: str, purpose: str
) -> int | float:
    """The value of `measure` for `model`.

    Args:
        complexity: `{float: C, float16: C, int8: C}`, absent or null where the model was not made.
        model: Which of them; `deployed` is the last of those there are.
        measure: A key of C.
        purpose: What needs it, for the message.

    Raises:
        PackageError: The model or the measure is missing, or is not a number of at least 0.
    """
    name, table = model_table(complexity, model, purpose)
    value = table.get(measure)
    if value is None:
        found = "null" if measure in table else "not there"
        fix = "measure the complexity of the run again"
        if measure == "macs_nessi_tflite" and name == "float":
            fix = "give a .tflite file, or quantize the run: that rule counts its operators"
        raise PackageError(
            f"{purpose} needs '{measure}' of the {name} model, which is {found}", fix=fix
        )
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise PackageError(
            f"{purpose} needs '{measure}' of the {name} model as a number, found {value!r}",
            fix="measure the complexity of the run again",
        )
    return value


def model_table(
    complexity: Mapping[str, Any], model: Model, purpose: str
) -> tuple[str, Mapping[str, Any]]:
    """Name and measures of `model`, with `deployed` resolved.

    Raises:
        PackageError: The complexity mapping has no such model.
    """
    name: str = model
    if model == "deployed":
        name = deployed_system([s for s in SYSTEMS if complexity.get(s)] or ["float"])
    table = complexity.get(name)
    if not isinstance(table, Mapping) or not table:
        why, fix = _ABSENT[name]
        raise PackageError(f"{purpose} counts the {name} model, but {why}", fix=fix)
    return name, table
