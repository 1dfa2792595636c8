"""Which scene is taken for which, by the deployed system."""

from typing import Any

from dssd_tf.report.run import Run
from dssd_tf.report.section import Section


def build(run: Run) -> dict[str, Any]:
    """Rows of true classes, with each cell's count and its share of the row in [0, 1]."""
    classes = run.metrics.classes
    rows = []
    for label, counts in zip(classes, run.deployed_metrics.confusion_matrix, strict=True):
        total = sum(counts)
        cells = [{"count": n, "share": n / total if total else 0.0} for n in counts]
        rows.append({"label": label, "total": total, "cells": cells})
    return {"deployed": run.deployed, "classes": classes, "rows": rows, "mistakes": _mistakes(rows)}


def _mistakes(rows: list[dict[str, Any]], most: int = 3) -> list[dict[str, Any]]:
    """The commonest confusions, by their share of the true class."""
    wrong = [
        {"true": row["label"], "predicted": rows[j]["label"], **cell}
        for i, row in enumerate(rows)
        for j, cell in enumerate(row["cells"])
        if i != j and cell["count"]
    ]
    return sorted(wrong, key=lambda cell: -cell["share"])[:most]


CONFUSION_MATRIX = Section("confusion_matrix", "Confusion matrix", build)
