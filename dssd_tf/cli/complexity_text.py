"""A complexity printed for people."""

from typing import Any

from dssd_tf.challenge.budget_words import check_in_words
from dssd_tf.cli.text_table import Column, print_table
from dssd_tf.complexity import Complexity
from dssd_tf.complexity.tables import by_layer, by_type, markdown

_TOTALS = (
    ("parameters", "parameters"),
    ("parameters_nonzero", "  of them not zero"),
    ("size_bytes", "bytes of the parameters"),
    ("file_bytes", "bytes of the file"),
    ("macs", "MACs that happen"),
    ("macs_torchinfo", "MACs by torchinfo's rule"),
    ("macs_torchinfo_folded", "  batch normalization folded"),
    ("macs_nessi_tflite", "MACs by NeSsi's rule"),
    ("peak_activation_bytes", "bytes of activations at the peak"),
)


def print_systems(systems: dict[str, Complexity], *, layers: bool) -> None:
    """Print totals and the table by type of each system, or by layer."""
    for name, found in systems.items():
        print(f"{name} ({', '.join(found.dtypes) or 'no parameters'}): {found.source}")
        for field, title in _TOTALS:
            value = getattr(found, field)
            if value is not None:
                print(f"  {title:<34}{value:>14,}")
        alive = ", ".join("x".join(map(str, tensor.shape)) for tensor in found.peak_tensors[:4])
        if alive:
            print(f"  alive at the peak: {alive}, at {found.peak_at}")
        print()
        _print_rows(by_layer(found) if layers else by_type(found))
        for layer in found.uncounted:
            print(f"uncounted: {layer}: there is no rule for it, so the MACs are too few")
        print()


def print_checks(year: int | None, checks: list[dict[str, Any]]) -> None:
    """Print a line a limit."""
    for check in checks:
        # Of a limit of zero nothing can be left.
        left = f", {check['headroom_percent']:.1f} % left" if check["limit"] else ""
        print(f"{year} {check['name']}: {check_in_words(check)}{left}")


def markdown_page(systems: dict[str, Complexity], result: dict[str, Any]) -> str:
    """Totals, tables by type and by layer, and the limits, as markdown."""
    parts = []
    for name, found in systems.items():
        totals = [
            {"figure": title.strip(), "value": getattr(found, field)}
            for field, title in _TOTALS
            if getattr(found, field) is not None
        ]
        parts += [f"## {found.source}, {name}", markdown(totals)]
        parts += [markdown(by_type(found)), markdown(by_layer(found))]
        parts += [f"Uncounted: {', '.join(found.uncounted)}."] if found.uncounted else []
    if result["checks"]:
        columns = ("name", "measured", "limit", "unit", "counter", "headroom_percent", "passed")
        rows = [{name: check[name] for name in columns} for check in result["checks"]]
        for row in rows:
            row["headroom_percent"] = row["headroom_percent"] if row["limit"] else None
            row["passed"] = "yes" if row["passed"] else "no"
        parts += [f"## Limits of {result['edition']}", markdown(rows)]
    return "\n\n".join(parts)


def _print_rows(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = []
    for index, name in enumerate(rows[0]):
        values = [row[name] for row in rows]
        number = all(isinstance(value, int | float | None) for value in values)
        cells = ["" if v is None else f"{v:,}" if number else str(v) for v in values]
        columns.append(Column(name, cells, number=number, folds=index == 0))
    print_table(columns)
