"""Rows of a complexity for people: by layer, and summed by type of layer or operator."""

from collections.abc import Sequence
from typing import Any

from dssd_tf.complexity.complexity import Complexity

RULES = {"keras": "macs_torchinfo", "tflite": "macs_nessi_tflite"}
"""By kind of model, the official rule that its rows are counted by."""


def by_layer(found: Complexity) -> list[dict[str, Any]]:
    """A row a layer or operator in the order of execution.

    Columns: name, type, output_shape, parameters, macs (that really happen), share (of them, in
    percent), the kind's official count, activation_bytes.
    """
    rule = RULES[found.kind]
    return [
        {
            "name": row.name,
            "type": row.type,
            "output_shape": "x".join(map(str, row.output_shape or ())),
            "parameters": row.parameters,
            "macs": row.macs,
            "share": _share(row.macs, found.macs),
            rule: getattr(row, rule),
            "activation_bytes": row.activation_bytes,
        }
        for row in found.layers
    ]


def by_type(found: Complexity) -> list[dict[str, Any]]:
    """A row a type of layer or operator, that with the most multiply-adds first.

    Columns: type, calls, parameters, macs, share, the kind's official count.
    """
    rule = RULES[found.kind]
    sums: dict[str, dict[str, Any]] = {}
    for row in found.layers:
        total = sums.setdefault(
            row.type, {"type": row.type, "calls": 0, "parameters": 0, "macs": 0, rule: 0}
        )
        total["calls"] += row.output_shape is not None
        total["parameters"] += row.parameters
        total["macs"] += row.macs
        total[rule] += getattr(row, rule) or 0
    rows = sorted(sums.values(), key=lambda row: (-row["macs"], -row["parameters"], row["type"]))
    columns = ("type", "calls", "parameters", "macs", "share", rule)
    return [
        {name: ({**row, "share": _share(row["macs"], found.macs)})[name] for name in columns}
        for row in rows
    ]


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """A markdown table; numbers with separators, aligned to the right."""
    if not rows:
        return ""
    numbers = [all(isinstance(row[name], int | float | None) for row in rows) for name in rows[0]]
    lines = [
        f"| {' | '.join(rows[0])} |",
        f"|{'|'.join('---:' if number else '---' for number in numbers)}|",
    ]
    lines += [f"| {' | '.join(map(_text, row.values()))} |" for row in rows]
    return "\n".join(lines)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _share(part: int, whole: int) -> float:
    """In percent, to a tenth."""
    return round(100 * part / whole, 1) if whole else 0.0
