"""Accuracy and log loss of each scene class."""

from typing import Any

from dssd_tf.report.run import Run
from dssd_tf.report.schema import Scores
from dssd_tf.report.section import Section


def build(run: Run) -> dict[str, Any]:
    """A row for each class, its scores by system, and the deployed system's difference to float."""
    systems = run.metrics.by_name()
    rows = []
    for label in run.metrics.classes:
        scores = {name: system.of_class(label) for name, system in systems.items()}
        rows.append(
            {
                "label": label,
                "samples": scores[run.deployed].samples,
                "scores": scores,
                "difference": difference(scores, run.deployed),
            }
        )
    return {"systems": systems, "deployed": run.deployed, "rows": rows}


def difference(scores: dict[str, Scores], deployed: str) -> float | None:
    """The deployed system's accuracy less the float one, if there are both and both are known."""
    if deployed == "float":
        return None
    new, old = scores[deployed].accuracy, scores["float"].accuracy
    return None if new is None or old is None else new - old


CLASS_WISE = Section("class_wise", "Results by class", build)
